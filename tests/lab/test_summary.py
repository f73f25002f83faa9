"""What `lab test` makes of the lines that ctest prints, by each awk that is here."""
import os
import shutil
import subprocess
import unittest

from front_door import ROOT

PASSED = """Test project /lab/build
        Start   1: 01 basic: it echoes, twice
  1/4 Test  #1: 01 basic: it echoes, twice ..............................   Passed    0.02 sec
        Start   2: 01 unit: a parser
  2/4 Test  #2: 01 unit: a parser .......................................***Skipped   0.02 sec
        Start   3: 01 basic: it closes
  3/4 Test  #3: 01 basic: it closes .....................................***Failed    0.50 sec
expected: a close
came: nothing
        Start   4: lesson 01: its commands print what the page shows
  4/4 Test  #4: lesson 01: its commands print what the page shows .......   Passed    0.02 sec

75% tests passed, 1 tests failed out of 4

Total Test time (real) =   0.56 sec

The following tests did not run:
\t  2 - 01 unit: a parser (Skipped)

The following tests FAILED:
\t  3 - 01 basic: it closes (Failed)
"""
COUNTS = """
01 basic      1 of 2 passed
01 unit       0 of 1 passed, 1 skipped
lessons       1 of 1 passed
"""
LOG = """1/4 Testing: 01 unit: a parser
1/4 Test: 01 unit: a parser
Output:
SKIPPED: curl is missing
4/4 Testing: lesson 01
lessons/01.md:12: not run: there is no nc
"""
AWKS = [[name, *words] for name, *words in (["awk"], ["mawk"], ["gawk"], ["gawk", "--posix"], ["original-awk"],
                                            ["busybox", "awk"]) if shutil.which(name)]


def tool(name):
    return os.path.join(ROOT, "tools", name)


class Summary(unittest.TestCase):
    def summary(self, awk, columns):
        return subprocess.run([*awk, "-v", f"columns={columns}", "-f", tool("summary.awk")], input=PASSED.encode(),
                              stdout=subprocess.PIPE, check=True).stdout.decode()

    def test_without_a_terminal_each_test_has_its_line_and_the_closing_lines_are_ctests(self):
        for awk in AWKS:
            with self.subTest(awk=awk):
                shown = self.summary(awk, 0)
                ctest = "".join(line for line in PASSED.splitlines(True) if "  Start " not in line)
                self.assertEqual(shown, ctest + COUNTS)

    def test_on_a_terminal_passes_are_counted_on_one_line_and_failures_are_shown_whole(self):
        for awk in AWKS:
            with self.subTest(awk=awk):
                shown = self.summary(awk, 60)
                self.assertIn("\rlab: 1 of 4: 01 basic: it echoes, twice\033[K", shown)
                self.assertIn("Failed    0.50 sec\nexpected: a close\ncame: nothing\n", shown)
                self.assertIn("\rlab: 4 of 4, 1 failed, 1 skipped: lesson 01", shown)
                self.assertIn("75% tests passed, 1 tests failed out of 4\n", shown)
                self.assertTrue(shown.endswith(COUNTS), shown)
                self.assertNotIn("Passed", shown)
                self.assertEqual([], [piece for piece in shown.split("\r") if len(piece.split("\033")[0]) > 60
                                      and piece.startswith("lab: ")])

    def test_a_result_is_shown_as_soon_as_it_is_there(self):
        script = f'. "{tool("suite.sh")}"; awk_at_once -v columns=0 -f "{tool("summary.awk")}"'
        with subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
            line = PASSED.splitlines(True)[2]
            shell.stdin.write(line)
            shell.stdin.flush()
            self.assertEqual(shell.stdout.readline(), line)
            shell.stdin.close()

    def test_what_is_skipped_is_named_with_what_it_needs(self):
        for awk in AWKS:
            with self.subTest(awk=awk):
                shown = subprocess.run([*awk, "-f", tool("skipped.awk")], input=LOG, text=True, check=True,
                                       stdout=subprocess.PIPE).stdout
                self.assertEqual(shown, "skipped: 01 unit: a parser: curl is missing\n"
                                        "skipped: lessons/01.md:12: not run: there is no nc\n")


if __name__ == "__main__":
    unittest.main()
