"""`./lab grade 01` as a student meets it: programs with one mistake each, and what is said about it."""
import os
import sys
import unittest

from graded import ECHO, LAB, Folder, grade

sys.path.insert(0, os.path.join(LAB, "tools/grade"))
import supervise  # noqa: E402


class OneMistake(Folder):
    def test_the_first_wrong_byte_and_the_line_to_type(self):
        # The cases before this one pass on a busy machine too, which may stop a program for seconds.
        text = self.expect(self.wrong("strips"), "Next: server echoes a line", "--role", "server", "--patience", "4")
        self.assertRegex(text, r"\^ byte 6\n")
        self.assertIn(r"printf 'hello\n' | nc -w 2 127.0.0.1 ", text)
        self.assertNotIn("send back what recv returned", text)
        self.assertLessEqual(text.count("\n"), 30)

    def test_a_hint_comes_when_it_is_asked_for(self):
        self.expect(self.wrong("strips"), "hint send back what recv returned", "--role", "server", "--hint", "--next",
                    "--case", "server echoes a line")

    def test_a_missing_client_waits(self):
        text = self.expect(ECHO, "waits the client's cases: there is no client yet", "--level", "basic", "--patience", "10")
        self.assertNotIn("Next: ", text)

    def test_what_comes_behind_basic_waits_for_a_case_of_it(self):
        program = self.write("fails", "#!/bin/sh\nexit 1\n")
        text = self.expect(program, "none of the client's cases of basic has passed", "--level", "robust")
        self.assertRegex(text, r"robust\n.*server +0 of \d+\n +· +2\. client +0 of ")

    def test_a_right_server_passes_and_a_slow_one_too(self):
        # A busy machine may stop a program for seconds: the slow one has its patience by how it starts.
        for program, *patience in ((ECHO, "--patience", "10"), (self.wrong("slow"),)):
            self.expect(program, "All passed", "--role", "server", "--level", "basic", *patience, status=0)

    def test_nothing_is_left_of_a_program_that_forks_and_leaves(self):
        os.environ["TMPDIR"] = self.folder
        self.addCleanup(os.environ.pop, "TMPDIR")
        grade(self.wrong("forks"), "--role", "server", "--level", "basic", "--case", "echoes a line")
        with open(self.path("left.pids"), encoding="ascii") as file:
            left = file.read().split()
        # One was left by the start that looks whether the server listens at all, and one by the case.
        self.assertGreater(len(left), 1)
        for process in left:
            self.assertRaises(ProcessLookupError, os.kill, int(process), 0)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("lab-grade.")], [])

    def test_a_program_that_takes_all_is_ended(self):
        for mistake, status in (("multiplies", supervise.TOO_MANY_PROCESSES), ("fills", supervise.TOO_MANY_FILES)):
            with self.subTest(mistake=mistake):
                self.expect(self.wrong(mistake), f"was ended: {supervise.WHY_ENDED[status]}", "--role", "server")

    def test_no_case_left_is_no_pass(self):
        self.expect(ECHO, "no case is left that could be run", "--case", "no such case", status=3)


if __name__ == "__main__":
    unittest.main()
