"""A page's ports and files, which commands only look, and the bash that runs them."""
import contextlib
import os
import socket
import unittest
import unittest.mock

import shell


class Ports(unittest.TestCase):
    def test_ports_and_files_are_the_stages_own_and_are_shown_as_on_the_page(self):
        command = "build/bin/x --port 12401 2> $lab/a.log; sed 's/12345/12402/'"
        with shell.Stage([command], "/elsewhere") as stage:
            actual = stage.to_run(command)
            self.assertIn(f"--port {stage.there['12401']} ", actual)
            self.assertIn("'s/12345/", actual)
            self.assertIn("/elsewhere/bin/x", actual)
            self.assertEqual(stage.to_run("build/tests/x build/x"), "/elsewhere/tests/x build/x")
            self.assertEqual(len(stage.to_run("12401")), 5)
            self.assertEqual(stage.to_show(stage.to_run("12401 ") + stage.scratch + "/lab-ada/a.log"), "12401 /tmp/lab-ada/a.log")
            self.assertEqual(stage.to_run("112401 124011"), "112401 124011")
            sha_1 = f"98d50bcbd812cc{stage.there['12401']}a2ff34a5ce0c1ec6ddcff"
            self.assertEqual(stage.to_show(sha_1), sha_1, "in hex a port can stand by chance")
            self.assertTrue(os.path.isdir(stage.scratch))
        self.assertFalse(os.path.exists(stage.scratch))

    def test_files_that_nobody_names_are_the_stages_own(self):
        with shell.Stage([]) as stage, contextlib.closing(shell.Shell("/", stage.scratch)) as one:
            one.run("mktemp; echo $XDG_CONFIG_HOME", 10)
            for line in one.output():
                self.assertTrue(line.startswith(stage.scratch), line)

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
            (port,), owner = shell.reserve(1)
            with owner, socket.socket(socket.AF_INET, kind) as other:
                other.bind(("127.0.0.1", port))
                self.assertFalse(shell.is_free(port))
        taken = []
        with unittest.mock.patch.object(shell, "is_free", lambda port: taken.append(port) or len(taken) > 3):
            ports, owner = shell.reserve(2)
        owner.close()
        self.assertEqual(list(ports), taken[3:])

    def test_two_stages_share_no_port(self):
        with shell.Stage(["12401 12402"]) as one, shell.Stage(["12401 12402"]) as other:
            self.assertFalse(set(one.to_run("12401 12402").split()) & set(other.to_run("12401 12402").split()))


class Commands(unittest.TestCase):
    def test_which_commands_only_look(self):
        for command in ("cat $lab/log", "wc -l < a", "tail -c 41 a | xxd", "grep '←' a | head -n 3", "sed -n '/^socket/,$p' a | grep -E '^(a|b)'",
                        'grep ":$(printf %04X 12507) " /proc/net/udp | awk \'{ print $NF " x" }\''):
            self.assertTrue(shell.only_looks(command), command)
        for command in ("cat a; kill $server", "cat a > b", "sed -i s/a/b/ c", "echo a | cat", "cat a & b=$!",
                        "cat 'a", "tr a b < c > d", "cat a; cat b", ""):
            self.assertFalse(shell.only_looks(command), command)


class Bash(unittest.TestCase):
    def test_all_that_a_command_prints_is_heard_when_it_has_ended(self):
        with contextlib.closing(shell.Shell("/", "/tmp")) as one:
            one.run("seq 50000", 10)
            self.assertEqual(len(one.output()), 50000)

    @unittest.skipUnless(os.path.isdir("/proc/self/fd"), "only Linux tells")
    def test_what_bash_says_goes_nowhere(self):
        with contextlib.closing(shell.Shell("/", "/tmp")) as one:
            self.assertEqual(os.readlink(f"/proc/{one.bash.pid}/fd/2"), "/dev/null")

    def test_a_command_that_does_not_end_is_named_and_ended(self):
        with contextlib.closing(shell.Shell("/", "/tmp")) as one:
            with self.assertRaisesRegex(shell.Stuck, "has not ended after 0.2 s"):
                one.run("sleep 60", 0.2)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_everything_that_was_started_is_ended(self):
        with contextlib.closing(shell.Shell("/", "/tmp")) as one:
            one.run("sleep 60 & read < <(bash -c 'set -m; sleep 60 & sleep 61 & kill -STOP %1; echo; wait')", 60)
            self.assertGreaterEqual(len(shell.session(one.bash.pid)), 4)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_who_does_not_want_to_end_is_ended(self):
        with contextlib.closing(shell.Shell("/", "/tmp")) as one:
            one.run("(trap '' TERM; sleep 60) & true", 10)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_a_process_may_have_any_name(self):
        for stat, dead in {"7 (a) Z) S 1": False, "7 (a) S) Z 1": True}.items():
            with unittest.mock.patch("builtins.open", unittest.mock.mock_open(read_data=stat)):
                self.assertEqual(shell.is_dead(7), dead)


if __name__ == "__main__":
    unittest.main()
