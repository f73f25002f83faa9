"""Commands of a page: what they print, when they have ended, and that nothing of them goes on."""
import contextlib
import os
import shutil
import tempfile
import time
import unittest
import unittest.mock

import page
import run_lesson
import shell


def run(text, updating=False):
    """Plays a page; returns what the page should show then, and what was said about it."""
    lines = text.split("\n")
    said = []
    came, stuck = run_lesson.play_blocks(page.parse(lines), "/", "build", updating, lambda at, text: said.append(text))
    return "\n".join(page.updated(lines, came)), said + ([stuck[1]] if stuck else [])


def console(*lines):
    return "\n".join(["```console", *lines, "```"])


class Places(unittest.TestCase):
    def test_a_build_within_the_lab_is_named_without_the_labs_own_name(self):
        for build in ("build", "/home/a b/lab/build"):
            self.assertEqual(run_lesson.seen_from("/home/a b/lab", build), "build")
        self.assertEqual(run_lesson.seen_from("/home/lab", "/tmp/build"), "../../tmp/build")


# A page that drifts is waited for as long as this, so the tests of drift have little patience. All
# others need none of it when they pass, and a busy machine may take its time.
@unittest.mock.patch.multiple(run_lesson, SHORT_PATIENCE=0.5)
class Running(unittest.TestCase):
    def test_one_shell_for_the_whole_page(self):
        text = console("$ a=3; cd /tmp") + "\n" + console("$ echo $a; pwd; echo wrong >&2", "3", "/tmp", "wrong")
        self.assertEqual(run(text), (text, []))

    def test_what_comes_after_the_commands_end_is_waited_for(self):
        text = console("$ (sleep 0.4; printf late; sleep 0.2; echo r) & job=$!", "later", "$ echo now", "now")
        self.assertEqual(run(text), (text, []))

    def test_a_line_that_is_half_written_is_waited_for(self):
        text = console("$ (printf late; sleep 0.3; echo) & job=$!", "late", "$ wait $job; echo now; printf '\\xff\\n'", "now", "\ufffd")
        with unittest.mock.patch.object(run_lesson, "LINE_END_PATIENCE", 30):
            self.assertEqual(run(text), (text, []))

    def test_a_look_is_repeated_until_it_shows_what_the_page_shows(self):
        text = console("$ (sleep 0.4; echo news > $TMPDIR/log) &", "$ cat $TMPDIR/log", "news")
        self.assertEqual(run(text), (text, []))

    def test_who_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ (trap 'sleep 0.3; echo bye; exit' TERM; echo on; while :; do sleep 0.05; done) & job=$!", "on",
                       "$ kill $job", "bye", "$ kill -0 $job 2> /dev/null || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_who_is_only_stopped_or_asked_is_not_waited_for(self):
        text = console("$ sleep 60 & job=$!", "$ kill -STOP $job; kill -0 $job; kill -CONT $job", "$ sleep 60 & other=$!",
                       "$ kill $job; echo $other > /dev/null", "$ echo on", "on")
        self.assertEqual(run(text), (text, []))

    @unittest.skipUnless(shutil.which("pkill"), "there is no pkill (package procps)")
    def test_whose_child_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ bash -c 'sleep 60; sleep 0.3' 2> /dev/null & job=$!",
                       "$ until pgrep -P $job > /dev/null; do sleep 0.02; done; pkill -P $job",
                       "$ kill -0 $job 2> /dev/null || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_descriptors_of_the_page_stay_open_between_commands(self):
        text = console("$ exec 5> >(cat); echo hello >&5", "hello", "$ echo again >&5; exec 5>&-", "again")
        self.assertEqual(run(text), (text, []))

    def test_what_is_shown_is_as_in_a_terminal_and_with_the_pages_ports(self):
        text = console("$ printf 'a\\r\\n12401\\n\\n\\n'", "a", "12401", "$ printf b", "b")
        self.assertEqual(run(text), (text, []))

    def test_a_page_that_drifted(self):
        text = console("$ echo new", "old", "$ echo ‹1›", "same")
        self.assertEqual(run(text, updating=True)[0], console("$ echo new", "new", "$ echo ‹1›", "‹1›"))

    def test_a_page_that_is_to_be_updated_is_waited_for_less(self):
        self.assertEqual(run_lesson.Player(None, None, True).patience, run_lesson.SHORT_PATIENCE)
        self.assertEqual(run_lesson.Player(None, None, False).patience, run_lesson.PATIENCE)

    def test_what_a_job_prints_late_is_written_below_the_command_that_began_it(self):
        listen = run_lesson.Player.listen

        def listen_until_heard(player, _, enough):
            listen(player, time.monotonic() + 30, lambda: enough() or player.shell.heard)

        with unittest.mock.patch.object(run_lesson.Player, "listen", listen_until_heard):
            played, _ = run(console("$ (sleep 0.2; echo late) &", "$ true"), updating=True)
        self.assertEqual(played, console("$ (sleep 0.2; echo late) &", "late", "$ true"))

    def test_where_one_command_drifted_the_next_are_waited_for_less(self):
        commands = page.parse(console("$ echo a", "a", "$ echo a", "b").split("\n"))[0].commands
        with shell.Stage([]) as stage, contextlib.closing(shell.Shell("/", stage.scratch)) as bash:
            player = run_lesson.Player(bash, stage, False)
            player.patience = 0.1
            player.play(commands[0])
            self.assertEqual(player.patience, 0.1)
            player.play(commands[1])
            self.assertEqual(player.patience, run_lesson.SHORT_PATIENCE)

    def test_output_that_no_command_shows_is_seen(self):
        text = console("$ (sleep 0.2; echo stray) & job=$!", "$ wait $job")
        self.assertIn("\nstray\n", run(text, updating=True)[0])

    def test_output_that_comes_after_the_last_command_is_seen(self):
        sleep = time.sleep
        with tempfile.TemporaryDirectory() as folder:
            printed = os.path.join(folder, "printed")

            def sleep_until_printed(seconds):
                deadline = time.monotonic() + 30
                while not os.path.exists(printed) and time.monotonic() < deadline:
                    sleep(0.02)
                sleep(seconds)

            with unittest.mock.patch("time.sleep", sleep_until_printed):
                self.assertIn("\nstray\n", run(console(f"$ (sleep 0.2; echo stray; > {printed}) &"))[0])

    def test_nothing_of_a_page_goes_on_when_it_has_ended(self):
        shells = []
        with unittest.mock.patch.object(run_lesson, "Shell", lambda *where: shells.append(shell.Shell(*where)) or shells[0]):
            run(console("$ sleep 60 &"))
        self.assertEqual(shell.session(shells[0].bash.pid), [])

    def test_a_block_without_its_tool_is_not_run_and_named(self):
        text = "<!-- needs: sh, no-such-tool, none -->\n" + console("$ echo a", "b") + "\n" + console("$ echo c", "d")
        played, said = run(text, updating=True)
        self.assertEqual(played, text.replace("d\n", "c\n"))
        self.assertEqual(said, ["not run: there is no no-such-tool, no none"])

    def test_a_block_that_goes_on_with_one_that_was_not_run_is_not_run_and_names_it(self):
        text = "\n".join([console("$ lab=$TMPDIR"), "<!-- needs: none -->", console("$ sleep 9 & job=$!; echo a > $lab/a"),
                          console("$ wait $job; cat $lab/a", "a")])
        played, said = run(text)
        self.assertEqual(played, text)
        self.assertEqual(said, ["not run: there is no none",
                                "not run: it needs the variable $job of the block at line 5, which was not run: there is no none"])

    def test_a_command_that_ends_the_shell_is_named(self):
        _, said = run(console("$ echo a; exit 3", "a"))
        self.assertIn("has ended the shell\n  a", said[0])

    def test_a_job_that_goes_on_does_not_hide_that_the_shell_has_ended(self):
        _, said = run(console("$ sleep 60 & exit 3"))
        self.assertIn("has ended the shell", said[0])

    def test_a_command_reads_nothing_and_a_job_is_a_group_of_its_own(self):
        text = (console("$ cat; echo $LC_ALL", "C.UTF-8") + "\n"
                + console("$ sleep 60 & job=$!", "$ python3 -c 'import os, sys; print(os.getpgid(int(sys.argv[1])) - int(sys.argv[1]))' $job", "0"))
        self.assertEqual(run(text), (text, []))

    def test_what_bash_says_about_jobs_is_not_shown(self):
        text = console("$ bash -c 'kill -KILL $$'; echo $?", "137", "$ sleep 60 & job=$!",
                       "$ kill -KILL $job", "$ wait; echo end", "end")
        self.assertEqual(run(text), (text, []))


if __name__ == "__main__":
    unittest.main()
