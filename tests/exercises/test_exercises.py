"""What the exercises promise: a starter runs and earns exactly its gate; each checkpoint's region, taken
in turn, earns exactly that checkpoint; the solution earns all of `basic`.

With LAB_EXERCISES=full, every checkpoint of every exercise in both languages. Without, the starters
and solutions alone, and of the cases that a starter fails one for each checkpoint. Solutions of which
test_styles.py runs another style are not run as they are.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib


import contract
import programs
from contract import suite
from test_styles import STYLES

FULL = os.environ.get("LAB_EXERCISES") == "full"
STEPS = sorted(path.parent.name for path in (programs.LAB / "exercises").glob("*/checkpoints.toml"))


class Exercises(unittest.TestCase):
    def expect(self, exercise, folder, passes, fails, done=""):
        """The program in `folder` passes these cases, and fails those."""
        cases = contract.basic_cases(exercise.step)
        results = contract.grade({title: cases[title] for title in [*passes, *fails]}, folder, fails)
        for title, (passed, said) in results.items():
            if passed is None:
                continue
            if passed != (title in passes):  # a busy machine is no failure: once more, alone
                passed, said = contract.run_case(cases[title], title, folder)
            if passed != (title in passes):
                self.fail(f"{done} {'fails' if title in passes else 'passes'}: {title}\n{said}")

    def for_each_program(self, work):
        """Calls work(exercise, language, a folder of its own) for each, some side by side: most wait."""

        def in_its_folder(exercise, language):
            with tempfile.TemporaryDirectory() as folder:
                work(exercise, language, pathlib.Path(folder))

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {(exercise.step, language): pool.submit(in_its_folder, exercise, language)
                    for exercise in map(programs.Exercise, STEPS) for language in exercise.languages()}
        for (step, language), run in runs.items():
            with self.subTest(step=step, language=language):
                run.result()

    def test_checkpoints_hold_each_case_of_basic_once(self):
        for step in STEPS:
            with self.subTest(step=step):
                placed = [title for checkpoint in programs.Exercise(step).checkpoints for title in checkpoint["cases"]]
                self.assertEqual(sorted(placed), sorted(contract.basic_cases(step)))

    def test_the_lesson_lists_the_checkpoints(self):
        for step in STEPS:
            with self.subTest(step=step):
                names = [checkpoint["name"] for checkpoint in programs.Exercise(step).checkpoints]
                wanted = "".join(f"{number}. {name}\n" for number, name in enumerate(names, 1))
                self.assertIn(wanted, (programs.LAB / "lessons" / f"{step}.md").read_text("utf-8"))

    def test_each_case_of_basic_has_its_third_hint(self):
        for step in STEPS:
            with self.subTest(step=step):
                hints = programs.Exercise(step).hints
                titles = {level: {case.title for case in suite.cases_of_level(contract.BUILD, step, level)}
                          for level in suite.LEVELS}
                self.assertEqual(titles["basic"] - set(hints), set(), "these have no hint")
                self.assertEqual(set(hints) - set().union(*titles.values()), set(), "these hints have no case")
                self.assertEqual([title for title, hint in hints.items() if not hint.strip()], [])

    def test_each_checkpoint_has_its_region(self):
        def work(exercise, language, folder):
            last = len(exercise.checkpoints)
            for done in range(1, last + 1):
                code = exercise.render(language, done)
                todo = [number for number in range(1, last + 1) if f" TODO checkpoint {number}: " in code]
                self.assertEqual(todo, list(range(done + 1, last + 1)))
                if language == "python":
                    compile(code, exercise.step, "exec")
            source = exercise.source(language).read_text("utf-8")
            self.assertEqual(re.findall(r"begin: (.*)\n *(?://|#) (?!checkpoint )[a-z]", source), [], "a TODO is one line")
            most = {"01": 120, "02": 120, "03": 120}.get(exercise.step[:2], 220)
            if language == "python":
                self.assertLessEqual(len(exercise.render(language).splitlines()), most)

        self.for_each_program(work)

    def test_a_starter_earns_its_gate_and_a_solution_all(self):
        def work(exercise, language, folder):
            gate, *others = [checkpoint["cases"] for checkpoint in exercise.checkpoints]
            if language == "python" or FULL:
                programs.make(exercise, language, 1, folder)
                self.expect(exercise, folder, gate, [cases[0] for cases in others])
            if language == "cpp":  # what the build has made of program.cpp is the solution
                folder = contract.BUILD / "exercises" / exercise.step
            else:
                programs.make(exercise, language, len(exercise.checkpoints), folder)
            if language == "cpp" or FULL or exercise.step not in STYLES:
                self.expect(exercise, folder, gate + sum(others, []), [])

        self.for_each_program(work)

    @unittest.skipUnless(FULL, "takes minutes")
    def test_each_region_in_turn_earns_its_checkpoint(self):
        def work(exercise, language, folder):
            for done in range(1, len(exercise.checkpoints) + 1):
                programs.make(exercise, language, done, folder)
                earned = [checkpoint["cases"] for checkpoint in exercise.checkpoints]
                self.expect(exercise, folder, sum(earned[:done], []), sum(earned[done:], []), done)

        self.for_each_program(work)


class Start(unittest.TestCase):
    def lab(self, *words):
        return subprocess.run([programs.LAB / "lab", *words], capture_output=True, text=True)

    def test_start_writes_a_starter_and_overwrites_nothing(self):
        with tempfile.TemporaryDirectory() as parent:
            for language, names in (
                ("python", {"01_tcp_echo", "README.md"}),
                ("cpp", {"01_tcp_echo.cpp", "README.md", "CMakeLists.txt"}),
            ):
                folder = pathlib.Path(parent, "a folder", language)
                self.assertEqual(self.lab("start", "01", folder, "--lang", language).returncode, 0)
                self.assertEqual({path.name for path in folder.iterdir()}, names)
                readme = folder / "README.md"
                self.assertLessEqual(len(readme.read_text("utf-8").splitlines()), 40)
                readme.write_text("mine")
                again = self.lab("start", "01", folder, "--lang", language)
                self.assertEqual(again.returncode, 1)
                self.assertIn("is there already", again.stderr)
                self.assertEqual(readme.read_text(), "mine")

    def test_a_starter_has_the_headers_that_it_includes(self):
        with tempfile.TemporaryDirectory() as parent:
            for step in STEPS:
                folder = pathlib.Path(parent, step)
                self.assertEqual(self.lab("start", step, folder, "--lang", "cpp").returncode, 0)
                texts = [path.read_text("utf-8") for path in folder.iterdir()]
                for name in re.findall(r'#include "(.+)"', "".join(texts)):
                    self.assertTrue((folder / name).exists(), f"{step}: {name}")
                    self.assertIn(f"`{name}`", (folder / "README.md").read_text("utf-8"))
                needs = "<libwebsockets.h>" in "".join(texts)
                self.assertEqual(" websockets)" in (folder / "CMakeLists.txt").read_text("utf-8"), needs, step)

    def test_solution_is_shown_to_who_asks_for_it(self):
        with tempfile.TemporaryDirectory() as nothing_passed:
            refused = subprocess.run([programs.LAB / "lab", "solution", "01"], capture_output=True, text=True,
                                     env=dict(os.environ, LAB_BUILD=nothing_passed))
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        shown = self.lab("solution", "01", "--spoil")
        self.assertEqual(shown.stdout, programs.Exercise("01_tcp_echo").render("python"))
        self.assertNotIn("TODO", shown.stdout)

    def test_solution_is_shown_once_basic_is_passed(self):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            for name in ("tests", "bin"):
                (build / name).symlink_to(contract.BUILD / name)
            programs.make(programs.Exercise("01_tcp_echo"), "python", 1, build)
            grade = [sys.executable, "-B", programs.LAB / "tools/grade/grade.py", "01_tcp_echo", build / "01_tcp_echo",
                     "--build", build, "--level", "basic", "--next"]
            solution = [sys.executable, "-B", programs.LAB / "tools/start.py", "solution", "01_tcp_echo"]
            # A busy machine may stop a right program for seconds: it has ten for each thing.
            for done, patience, status in ((1, "1", 1), (len(programs.Exercise("01_tcp_echo").checkpoints), "10", 0)):
                programs.make(programs.Exercise("01_tcp_echo"), "python", done, build)
                graded = subprocess.run([*grade, "--patience", patience], capture_output=True, text=True)
                self.assertEqual(graded.returncode, status, graded.stdout)
                shown = subprocess.run(solution, env=dict(os.environ, LAB_BUILD=folder), capture_output=True)
                self.assertEqual(shown.returncode, status)

    def test_bad_usage_is_told(self):
        for words in (["start"], ["start", "01"], ["start", "99", "x"], ["solution", "01", "--lang", "cobol"]):
            self.assertEqual(self.lab(*words).returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
