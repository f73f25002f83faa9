"""Reading times: what counts, and that a printed one cannot drift."""
import os
import tempfile
import unittest

import reading_time


class ReadingTime(unittest.TestCase):
    def test_words_and_commands(self):
        self.assertEqual(reading_time.minutes(["word " * 1100], 0), 10)
        self.assertEqual(reading_time.minutes(["word " * 1100], 20), 20)
        self.assertEqual(reading_time.minutes(["few"], 0), 5)
        self.assertEqual(reading_time.minutes(["word " * 110], 22), 10)  # 12 minutes
        self.assertEqual(reading_time.minutes(["word " * 110], 24), 15)  # 13 minutes

    def test_code_and_marks_are_no_words(self):
        lines = ["<!-- not run: " + "word " * 1100 + "-->", "```text", "word " * 1100, "```", "| - " * 1100, "word " * 1650]
        self.assertEqual(reading_time.minutes(lines, 0), 15)

    def test_the_readme_says_it(self):
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "01_x.md")
            self.assertEqual(list(reading_time.faults(["word " * 1100], 0, page)), [])  # no README: nothing to compare
            with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as file:
                file.write("| [x](01_x.md) | not a 90 min walk | 10 min | 2 h |\n"
                           "| [y](02_y.md) | it | 5 min | 2 h |\n"
                           "[x](01_x.md) in 99 min\n")
            self.assertEqual(list(reading_time.faults(["word " * 1100], 0, page)), [])
            self.assertEqual(list(reading_time.faults(["word " * 1100], 30, page)),
                             ["the reading time is 25 min, and README.md says 10 min"])


if __name__ == "__main__":
    unittest.main()
