"""How the grader runs cases: the order in which they begin, and what several runs of one say."""
import os
import sys
import unittest

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(LAB, "tools/grade"))
import running  # noqa: E402


class Recorded(running.Run):
    """Runs nothing, and notes in which order the cases begin. `states` are what their runs come to, in this order."""

    def __init__(self, *arguments, states=None):
        self.begun = []
        self.states = iter(states or [running.PASSED] * 100)
        super().__init__(*arguments)

    def start(self, case):
        self.begun.append(case)
        return self.workers.submit(running.Result, next(self.states))


class Order(unittest.TestCase):
    CASES = [f"case {number}" for number in range(20)]

    def test_without_a_seed_cases_begin_as_a_student_builds(self):
        self.assertEqual(Recorded(self.CASES, None, 1).begun, self.CASES)

    def test_a_seed_decides_it_and_the_same_one_repeats_it(self):
        first, again, other = (Recorded(self.CASES, None, 1, 2, seed).begun for seed in (7, 7, 8))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(sorted(first), sorted(2 * self.CASES))

    def test_results_come_in_the_order_of_the_cases_all_the_same(self):
        run = Recorded(self.CASES, None, 1, 2, 7)
        self.assertEqual([case for case, _ in run.results(False)], self.CASES)


class SeveralRuns(unittest.TestCase):
    def test_a_case_that_fails_sometimes_is_unstable(self):
        run = Recorded(["case"], None, 1, 3, states=[running.PASSED, running.FAILED, running.PASSED])
        self.assertEqual([(result.state, result.reason) for _, result in run.results(False)],
                         [(running.UNSTABLE, "it failed in 1 of 3 runs")])


if __name__ == "__main__":
    unittest.main()
