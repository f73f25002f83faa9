"""A whole page: run, checked, reported, written, and ended by a signal."""
import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

import check_page
import run_lesson
import shell

@unittest.mock.patch.multiple(run_lesson, PATIENCE=0.5, SHORT_PATIENCE=0.3, COMMAND_SECONDS=10)
class WholePage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.realpath(folder.name)
        elsewhere = unittest.mock.patch.object(run_lesson, "ROOT", self.root)
        elsewhere.start()
        self.addCleanup(elsewhere.stop)
        self.write("lab", "case $command in\n    run) run ;;\nesac\n")

    def write(self, name, *lines):
        check_page.list_files.cache_clear()
        check_page.words_in.cache_clear()
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8") as file:
            return file.read().split("\n")[:-1]

    def run_page(self, updating=False):
        return run_lesson.run_page(os.path.join(self.root, "a.md"), "build", updating)

    def test_a_page_that_drifted_is_shown_as_a_difference_and_written_only_if_asked(self):
        page = ["```console", "$ echo new", "old", "```"]
        self.write("a.md", *page)
        report = self.run_page()
        self.assertFalse(report.good)
        self.assertIn("-old\n+new", "\n".join(report.lines))
        self.assertEqual(report.lines[-1], "If that is right: ./lab lessons --update a.md")
        self.assertEqual(self.read("a.md"), page)
        report = self.run_page(updating=True)
        self.assertTrue(report.good)
        self.assertEqual(report.lines, ["a.md: updated"])
        self.assertEqual(self.read("a.md"), ["```console", "$ echo new", "new", "```"])
        for updating in (False, True):
            report = self.run_page(updating)
            self.assertTrue(report.good)
            self.assertRegex(" ".join(report.lines), r"^a\.md: as shown \(\d+\.\d s\)$")

    def test_an_excerpt_follows_its_source(self):
        self.write("a.cpp", "// lesson: walk", "    step();", "// lesson end")
        self.write("a.md", "<!-- excerpt: a.cpp#walk -->", "```cpp", "step();", "```")
        self.assertTrue(self.run_page().good)
        self.write("a.cpp", "// lesson: walk", "    leap();", "// lesson end")
        report = self.run_page()
        self.assertFalse(report.good)
        self.assertIn("-step();\n+leap();", "\n".join(report.lines))
        self.assertTrue(self.run_page(updating=True).good)
        self.assertEqual(self.read("a.md")[1:], ["```cpp", "leap();", "```"])
        self.assertTrue(self.run_page().good)

    def test_what_is_wrong_is_said_with_its_line_and_is_a_fault(self):
        for lines, said in {
            ("text", "`./lab fly`"): "a.md:2: ./lab knows no word fly",
            ("<!-- excerpt: a.cpp#walk -->", "```cpp", "```"): "a.md:1: excerpt: there is no a.cpp",
            ("```console", "$ exit 3", "```"): "a.md:2: $ exit 3\n  has ended the shell",
            ("```sh", "ls", "```"): "a.md:1: ```sh is not run",
        }.items():
            self.write("a.md", *lines)
            for updating in (False, True):
                report = self.run_page(updating)
                self.assertFalse(report.good, said)
                self.assertIn(said, "\n".join(report.lines))
                self.assertNotIn("as shown", "\n".join(report.lines))

    def test_a_block_that_is_not_run_is_no_fault(self):
        self.write("a.md", "<!-- needs: no-such-tool -->", "```console", "$ echo a", "b", "```")
        report = self.run_page()
        self.assertTrue(report.good)
        self.assertEqual(report.lines[0], "a.md:2: not run: there is no no-such-tool")

    def main(self, *names):
        """The exit status, and what was printed."""
        pages = [os.path.join(self.root, name) for name in names]
        self.addCleanup(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        with unittest.mock.patch.object(sys, "argv", ["run_lesson.py", *pages]):
            with contextlib.redirect_stdout(io.StringIO()) as printed, self.assertRaises(SystemExit) as ended:
                run_lesson.main()
        return ended.exception.code, printed.getvalue()

    def test_one_bad_page_among_good_ones_is_a_failure(self):
        self.write("good.md", "text")
        self.write("bad.md", "```console", "$ echo a", "b", "```")
        self.assertEqual(self.main("good.md")[0], 0)
        status, printed = self.main("bad.md", "good.md")
        self.assertEqual(status, 1)
        self.assertIn("good.md: as shown", printed)

    def test_a_signal_ends_all_that_the_page_has_started(self):
        begun = os.path.join(self.root, "begun")
        self.write("a.md", "```console", f"$ (trap '' TERM; sleep 60) & echo $$ > {begun}.new; mv {begun}.new {begun}; sleep 60", "```")
        runner = subprocess.Popen([sys.executable, "-B", run_lesson.__file__, os.path.join(self.root, "a.md")],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(runner.kill)
        while not os.path.exists(begun):
            self.assertIsNone(runner.poll())
            time.sleep(0.02)
        runner.terminate()
        self.assertEqual(runner.wait(20), 1)
        (leader,) = self.read("begun")
        self.assertEqual(shell.session(int(leader)), [])


if __name__ == "__main__":
    unittest.main()
