"""Commands of a page: their ports and files, what they print, and that nothing of them stays."""
import contextlib
import os
import socket
import tempfile
import time
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
            self.assertEqual(stage.to_run("build/tests/x build/x"), "/elsewhere/tests/x build/x")
            self.assertEqual(len(stage.to_run("12401")), 5)
            self.assertEqual(stage.to_show(stage.to_run("12401 /tmp/lab-a.log")), "12401 /tmp/lab-a.log")
            self.assertEqual(stage.to_run("112401 124011"), "112401 124011")
            self.assertTrue(os.path.isdir(stage.scratch))
        self.assertFalse(os.path.exists(stage.scratch))

    def test_a_part_of_a_longer_number_is_no_port(self):
        with shell.Stage(["112401 124011 12345 14000"]) as stage:
            self.assertEqual([name for name in stage.there if name.isdigit()], [])

    def test_who_has_the_first_port_of_a_hundred_has_them_all(self):
        with shell.Stage(["12401"]) as stage:
            first = int(stage.to_run("12401")) // 100 * 100
            self.assertFalse(shell.is_free(first))
        self.assertTrue(shell.is_free(first))

    def test_a_port_is_taken_only_if_nobody_has_it_for_tcp_nor_for_udp(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as other:
                other.bind(("127.0.0.1", 0))
                self.assertFalse(shell.is_free(other.getsockname()[1]))
        taken = []
        with unittest.mock.patch.object(shell, "is_free", lambda port: taken.append(port) or len(taken) > 3):
            ports, owner = shell.reserve(2)
        owner.close()
        self.assertFalse(set(ports) & set(taken[:3]))

    def test_two_stages_share_no_port(self):
        with shell.Stage(["12401 12402"]) as one, shell.Stage(["12401 12402"]) as other:
            self.assertFalse(set(one.to_run("12401 12402").split()) & set(other.to_run("12401 12402").split()))


class Commands(unittest.TestCase):
    def test_which_commands_only_look(self):
        for command in ("cat /tmp/lab-log", "grep '←' a | head -n 3", "sed -n '/^socket/,$p' a | grep -E '^(a|b)'",
                        'grep ":$(printf %04X 12507) " /proc/net/udp | awk \'{ print $NF " x" }\''):
            self.assertTrue(shell.only_looks(command), command)
        for command in ("cat a; kill $server", "cat a > b", "sed -i s/a/b/ c", "echo a | cat", "cat a & b=$!",
                        "cat 'a", "tr a b < c", "cat a; cat b", ""):
            self.assertFalse(shell.only_looks(command), command)


def run(text, updating=False):
    """Plays a page; returns what the page should show then, and what was said about it."""
    lines = text.split("\n")
    said = []
    came, stuck = run_lesson.play_blocks(page.parse(lines), "/", "build", updating, lambda at, text: said.append(text))
    return "\n".join(page.updated(lines, came)), said + ([stuck[1]] if stuck else [])


def console(*lines):
    return "\n".join(["```console", *lines, "```"])


# What does not come is not waited for as long as on a page.
@unittest.mock.patch.multiple(run_lesson, PATIENCE=3, SHORT_PATIENCE=0.5, COMMAND_SECONDS=10)
class Running(unittest.TestCase):
    def test_one_shell_for_the_whole_page(self):
        text = console("$ a=3; cd /tmp") + "\n" + console("$ echo $a; pwd; echo wrong >&2", "3", "/tmp", "wrong")
        self.assertEqual(run(text), (text, []))

    def test_what_comes_after_the_commands_end_is_waited_for(self):
        text = console("$ (sleep 0.4; printf late; sleep 0.2; echo r) & job=$!", "later", "$ echo now", "now")
        self.assertEqual(run(text), (text, []))

    def test_a_line_that_is_half_written_is_waited_for(self):
        text = console("$ (printf late; sleep 0.3; echo) &", "late", "$ sleep 0.5; echo now; printf '\\xff\\n'", "now", "\ufffd")
        self.assertEqual(run(text), (text, []))

    def test_all_that_a_command_prints_is_heard_when_it_has_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            one.run("seq 50000", 10)
            self.assertEqual(len(one.output()), 50000)

    def test_a_look_is_repeated_until_it_shows_what_the_page_shows(self):
        text = console("$ (sleep 0.4; echo news > /tmp/lab-log) &", "$ cat /tmp/lab-log", "news")
        self.assertEqual(run(text), (text, []))

    def test_who_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ (trap 'sleep 0.3; echo bye; exit' TERM; echo on; while :; do sleep 0.05; done) & job=$!", "on",
                       "$ kill $job", "bye", "$ kill -0 $job 2> /dev/null || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_who_is_only_stopped_or_asked_is_not_waited_for(self):
        text = console("$ sleep 60 & job=$!", "$ kill -STOP $job; kill -0 $job; kill -CONT $job", "$ sleep 60 & other=$!",
                       "$ kill $job; echo $other > /dev/null", "$ echo on", "on")
        self.assertEqual(run(text), (text, []))

    def test_whose_child_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ bash -c 'sleep 60; sleep 0.3' 2> /dev/null & job=$!", "$ until pgrep -P $job > /dev/null; do sleep 0.02; done; pkill -P $job",
                       "$ [ -d /proc/$job ] || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_descriptors_of_the_page_stay_open_between_commands(self):
        text = console("$ exec 5> >(cat); echo hello >&5", "hello", "$ echo again >&5; exec 5>&-", "again")
        self.assertEqual(run(text), (text, []))

    def test_what_is_shown_is_as_in_a_terminal_and_with_the_pages_ports(self):
        text = console("$ printf 'a\\r\\n12401\\n\\n\\n'", "a", "12401", "$ printf b", "b")
        self.assertEqual(run(text), (text, []))

    def test_a_page_that_drifted(self):
        begin = time.monotonic()
        text = console("$ echo new", "old", "$ echo ‹1›", "same")
        self.assertEqual(run(text, updating=True)[0], console("$ echo new", "new", "$ echo ‹1›", "‹1›"))
        self.assertLess(time.monotonic() - begin, 3)

    def test_what_a_job_prints_late_is_written_below_the_command_that_began_it(self):
        self.assertEqual(run(console("$ (sleep 0.2; echo late) &", "$ true"), updating=True)[0],
                         console("$ (sleep 0.2; echo late) &", "late", "$ true"))

    def test_where_one_command_drifted_the_next_are_waited_for_less(self):
        begin = time.monotonic()
        with unittest.mock.patch.multiple(run_lesson, PATIENCE=1, SHORT_PATIENCE=0.1):
            run(console(*["$ echo a", "b"] * 4))
        self.assertLess(time.monotonic() - begin, 3.5)

    def test_output_that_no_command_shows_is_seen(self):
        text = console("$ (sleep 0.2; echo stray) &", "$ sleep 0.5")
        self.assertIn("\nstray\n", run(text, updating=True)[0])
        sleep = time.sleep
        with unittest.mock.patch("time.sleep", lambda _: sleep(0.6)):
            self.assertIn("\nstray\n", run(console("$ (sleep 0.2; echo stray) &"))[0])

    def test_nothing_of_a_page_goes_on_when_it_has_ended(self):
        shells = []
        with unittest.mock.patch.object(run_lesson, "Shell", lambda folder: shells.append(shell.Shell(folder)) or shells[0]):
            run(console("$ sleep 60 &"))
        self.assertEqual(shell.session(shells[0].bash.pid), [])

    def test_a_block_without_its_tool_is_not_run_and_named(self):
        text = "<!-- needs: sh, no-such-tool, none -->\n" + console("$ echo a", "b") + "\n" + console("$ echo c", "d")
        played, said = run(text, updating=True)
        self.assertEqual(played, text.replace("d\n", "c\n"))
        self.assertEqual(said, ["not run: there is no no-such-tool, no none"])

    def test_what_a_block_may_need(self):
        self.assertEqual(run_lesson.is_there("root"), os.geteuid() == 0)
        self.assertTrue(run_lesson.succeeds("true"))
        self.assertFalse(run_lesson.succeeds("false"))
        self.assertFalse(run_lesson.succeeds("no-such-tool"))

    def test_a_command_that_ends_the_shell_is_named(self):
        _, said = run(console("$ echo a; exit 3", "a"))
        self.assertIn("has ended the shell\n  a", said[0])

    def test_a_job_that_goes_on_does_not_hide_that_the_shell_has_ended(self):
        _, said = run(console("$ sleep 60 & exit 3"))
        self.assertIn("has ended the shell", said[0])

    def test_a_command_reads_nothing_and_a_job_is_a_group_of_its_own(self):
        text = (console("$ cat; echo $LC_ALL", "C.UTF-8") + "\n"
                + console("$ sleep 60 & job=$!", "$ [ $(ps -o pgid= -p $job) = $job ] && echo its own", "its own"))
        self.assertEqual(run(text), (text, []))

    def test_what_bash_says_about_jobs_is_not_shown(self):
        text = console("$ bash -c 'kill -KILL $$'; echo $?", "137", "$ sleep 60 & job=$!", "$ kill -KILL $job", "$ wait; echo end", "end")
        self.assertEqual(run(text), (text, []))
        with contextlib.closing(shell.Shell("/")) as one:
            self.assertEqual(os.readlink(f"/proc/{one.bash.pid}/fd/2"), "/dev/null")

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

    def test_who_does_not_want_to_end_is_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            one.run("(trap '' TERM; sleep 60) & true", 10)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_a_process_may_have_any_name(self):
        for stat, dead in {"7 (a) Z) S 1": False, "7 (a) S) Z 1": True}.items():
            with unittest.mock.patch("builtins.open", unittest.mock.mock_open(read_data=stat)):
                self.assertEqual(shell.is_dead(7), dead)


if __name__ == "__main__":
    unittest.main()
