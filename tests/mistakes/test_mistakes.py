"""Each wrong program fails, and the first case that `./lab grade` shows of it, or the fault, is the one named.

With LAB_MISTAKES=full, all of them. Without, one of each step: the first by name.
"""

import os
import re
import shutil
import sys
import unittest

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib
if not shutil.which("patch"):
    sys.exit("SKIPPED: patch is missing (package patch)")

import mistakes

FULL = os.environ.get("LAB_MISTAKES") == "full"


class Mistakes(unittest.TestCase):
    def test_the_first_case_shown_names_the_mistake(self):
        chosen = [mistake for step in mistakes.steps() for mistake in mistakes.mistakes([step])[:None if FULL else 1]]
        for mistake, shown, said in mistakes.graded(chosen, 2 * (os.cpu_count() or 1) if FULL else 2):
            with self.subTest(step=mistake.step, mistake=mistake.name):
                self.assertEqual(shown, mistake.wanted, said)

    def test_each_names_a_case_that_there_is(self):
        for step in mistakes.steps():
            titles = {case.title for level in mistakes.suite.LEVELS
                      for case in mistakes.suite.cases_of_level(mistakes.BUILD, step, level)}
            for mistake in mistakes.mistakes([step]):
                if mistake.case or not mistake.fault:
                    self.assertIn(mistake.case, titles, mistake.path)

    def test_each_case_has_a_mistake_or_a_reason_to_stay(self):
        groups = mistakes.kept()
        unneeded = [case for step in mistakes.steps() for case in mistakes.unneeded(step)]
        self.assertEqual([title for _, title, why in unneeded if not why], [])
        self.assertEqual({group["why"] for group in groups} - {why for _, _, why in unneeded}, set(), "these keep no case")
        patterns = {pattern for group in groups for pattern in group["titles"]}
        titles = [title for _, title, _ in unneeded]
        self.assertEqual({pattern for pattern in patterns if not any(re.search(pattern, title) for title in titles)}, set())


if __name__ == "__main__":
    unittest.main()
