"""Commands of a page: their ports and files, what they print, and that nothing of them stays."""
import contextlib
import os
import tempfile
import unittest
import unittest.mock

import page
import run_lesson
import shell


class Ports(unittest.TestCase):
    def test_ports_and_files_are_the_stages_own_and_are_shown_as_on_the_page(self):
        command = "build/bin/x --port 12401 2> /tmp/lab-a.log; sed 's/12345/12402/'"
        with shell.Stage([command], "/elsewhere") as stage:
            actual = stage.to_run(command)
            self.assertNotIn("12401", actual)
            self.assertNotIn("/tmp/lab-a", actual)
            self.assertIn("'s/12345/", actual)
            self.assertIn("/elsewhere/bin/x", actual)
            self.assertEqual(len(stage.to_run("12401")), 5)
            self.assertEqual(stage.to_show(stage.to_run("12401 /tmp/lab-a.log")), "12401 /tmp/lab-a.log")
            self.assertEqual(stage.to_run("112401 124011"), "112401 124011")
            self.assertTrue(os.path.isdir(stage.scratch))
        self.assertFalse(os.path.exists(stage.scratch))

    def test_two_stages_share_no_port(self):
        with shell.Stage(["12401 12402"]) as one, shell.Stage(["12401 12402"]) as other:
            self.assertFalse(set(one.to_run("12401 12402").split()) & set(other.to_run("12401 12402").split()))


class Commands(unittest.TestCase):
    def test_which_commands_only_look(self):
        for command in ("cat /tmp/lab-log", "grep '←' a | head -n 3", "sed -n '/^socket/,$p' a | grep -E '^(a|b)'",
                        'grep ":$(printf %04X 12507) " /proc/net/udp | awk \'{ print $NF " x" }\''):
            self.assertTrue(shell.only_looks(command), command)
        for command in ("cat a; kill $server", "cat a > b", "sed -i s/a/b/ c", "echo a | cat", "cat a & b=$!",
                        "cat 'a", "tr a b < c", ""):
            self.assertFalse(shell.only_looks(command), command)


# What does not come is not waited for as long as on a page.
hurry = unittest.mock.patch.multiple(run_lesson, PATIENCE=3, SHORT_PATIENCE=0.4)


@hurry
def run(text, updating=False):
    """Plays a page; returns what the page should show then, and what was said about it."""
    lines = text.split("\n")
    said = []
    came, stuck = run_lesson.play_blocks(page.parse(lines), "/", "build", updating, lambda at, text: said.append(text))
    return "\n".join(page.updated(lines, came)), said + ([stuck[1]] if stuck else [])


def console(*lines):
    return "\n".join(["```console", *lines, "```"])


class Running(unittest.TestCase):
    def test_one_shell_for_the_whole_page(self):
        text = console("$ a=3; cd /tmp") + "\n" + console("$ echo $a; pwd; echo wrong >&2", "3", "/tmp", "wrong")
        self.assertEqual(run(text), (text, []))

    def test_what_comes_after_the_commands_end_is_waited_for(self):
        text = console("$ (sleep 0.4; printf late; sleep 0.2; echo r) & job=$!", "later", "$ echo now", "now")
        self.assertEqual(run(text), (text, []))

    def test_a_look_is_repeated_until_it_shows_what_the_page_shows(self):
        text = console("$ (sleep 0.4; echo news > /tmp/lab-log) &", "$ cat /tmp/lab-log", "news")
        self.assertEqual(run(text), (text, []))

    def test_who_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ (trap 'sleep 0.3; echo bye; exit' TERM; echo on; while :; do sleep 0.05; done) & job=$!", "on",
                       "$ kill $job", "bye", "$ kill -0 $job 2> /dev/null || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_descriptors_of_the_page_stay_open_between_commands(self):
        text = console("$ exec 5> >(cat); echo hello >&5", "hello", "$ echo again >&5; exec 5>&-", "again")
        self.assertEqual(run(text), (text, []))

    def test_a_page_that_drifted(self):
        text = console("$ echo new", "old", "$ echo ‹1›", "same")
        self.assertEqual(run(text, updating=True)[0], console("$ echo new", "new", "$ echo ‹1›", "‹1›"))

    def test_output_that_no_command_shows_is_seen(self):
        text = console("$ (sleep 0.2; echo stray) &", "$ sleep 0.5")
        self.assertIn("stray", run(text, updating=True)[0])

    def test_a_block_without_its_tool_is_not_run_and_named(self):
        text = "<!-- needs: sh, no-such-tool -->\n" + console("$ echo a", "b")
        self.assertEqual(run(text), (text, ["not run: there is no no-such-tool"]))

    def test_a_command_that_ends_the_shell_is_named(self):
        _, said = run(console("$ echo a; exit 3", "a"))
        self.assertIn("has ended the shell", said[0])

    def test_a_command_that_does_not_end_is_named_and_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            with self.assertRaisesRegex(shell.Stuck, "has not ended after 0.2 s"):
                one.run("sleep 60", 0.2)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_everything_that_was_started_is_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            one.run("sleep 60 & bash -c 'set -m; sleep 60 & sleep 61 & kill -STOP %1; wait' & sleep 0.2", 10)
            self.assertGreaterEqual(len(shell.session(one.bash.pid)), 4)
        self.assertEqual(shell.session(one.bash.pid), [])

    @hurry
    def test_a_page_is_run_checked_and_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.md")
            with open(path, "w", encoding="utf-8") as file:
                file.write(console("$ echo new", "old") + "\n")
            report = run_lesson.run_page(path, "build", False)
            self.assertFalse(report.good)
            self.assertIn("-old\n+new", "\n".join(report.lines))
            self.assertIn("If that is right: ./lab lessons --update a.md", report.lines)
            self.assertTrue(run_lesson.run_page(path, "build", True).good)
            self.assertTrue(run_lesson.run_page(path, "build", False).good)


if __name__ == "__main__":
    unittest.main()
