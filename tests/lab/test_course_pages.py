"""What an instructor hands out: a page for each session, and files of marks that the grader takes."""
import os
import re
import sys
import tempfile
import unittest

from front_door import ROOT

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib

sys.path[:0] = [os.path.join(ROOT, "tools/grade"), os.path.join(ROOT, "tools")]
import record  # noqa: E402
from exercise import Exercise  # noqa: E402

PAGE_LINES, PAGE_WIDTH = 48, 140  # of what fits on a printed page


def text(*names):
    with open(os.path.join(ROOT, "lessons", *names), encoding="utf-8") as file:
        return file.read()


class Handouts(unittest.TestCase):
    def test_each_session_has_one_of_one_page(self):
        sessions = re.findall(r"(?m)^### (\d)\. (.*)$", text("README.md"))
        self.assertEqual(len(sessions), 7)
        names = [f"session_{number}.md" for number, _ in sessions]
        self.assertEqual(sorted(os.listdir(os.path.join(ROOT, "lessons/handouts"))), names)
        for (number, title), name in zip(sessions, names):
            page = text("handouts", name)
            with self.subTest(name=name):
                self.assertIn(f"(handouts/{name})", text("README.md"))
                self.assertTrue(page.startswith(f"# Session {number}: {title.split(' (')[0]}\n"), page.splitlines()[0])
                self.assertLessEqual(sum(1 + len(line) // PAGE_WIDTH for line in page.splitlines()), PAGE_LINES)


class Marks(unittest.TestCase):
    def test_the_grader_takes_each_file_that_the_page_shows(self):
        shown = re.findall(r"(?s)```toml\n(.*?)```", text("README.md"))
        self.assertEqual(len(shown), 2)
        names = {checkpoint["name"] for checkpoint in Exercise("04_handshake").checkpoints}
        for block in shown:
            with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
                file.write(block)
                file.flush()
                marks = record.read_marks(file.name)
            self.assertLessEqual(set(marks["checkpoints"]), names)


if __name__ == "__main__":
    unittest.main()
