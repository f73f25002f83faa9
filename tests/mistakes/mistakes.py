"""Wrong programs, and the case that has to name each: what `./lab mistakes` prints.

tests/mistakes/STEP/NAME.patch makes one mistake in a right program. Its head says

    Mistake: one sentence that says what is wrong.
    Case: the title of the case that `./lab grade` has to show first.
    Base: right.py

and below it stands what `diff -u` prints. Where the server does not start as every case needs it,
`Fault:` and words of the sentence that the grader prints stand in place of `Case:`. Base is a file
beside the patch; without that line the patch is for the solution in Python, as `./lab solution STEP`
shows it. right.py is a program that passes `robust` too. Where a program imports a file beside it, `File:` may name
that one as the place of the mistake.
"""

import argparse
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from operator import itemgetter

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("LAB_BUILD", str(LAB / "build"))
FOLDER = LAB / "tests" / "mistakes"
sys.path[:0] = [str(LAB / "tools"), str(LAB / "tools" / "grade")]

import cases as suite  # noqa: E402
from exercise import Exercise  # noqa: E402


class Mistake:
    """One wrong program."""

    def __init__(self, path):
        self.path = path
        self.step = path.parent.name
        self.name = path.stem
        self.diff = path.read_text("utf-8")
        self.head = dict(re.findall(r"^(\w+): (.*)$", self.diff.partition("\n--- ")[0], re.MULTILINE))
        self.says = self.head["Mistake"]
        self.case = self.head.get("Case")
        self.fault = self.head.get("Fault")
        #: What the grader has to show first: the title of a case, or words of a fault.
        self.wanted = self.case or self.fault

    def base(self):
        """The right program that the patch is for."""
        if "Base" in self.head:
            return (self.path.parent / self.head["Base"]).read_text("utf-8")
        return Exercise(self.step).render("python")

    def write(self, folder):
        """Writes the wrong program into `folder`, ready to run, and returns its path."""
        program = pathlib.Path(folder, self.name + ".py")
        program.write_text(self.base(), "utf-8")
        program.chmod(0o755)
        for beside in self.path.parent.glob("*.py"):
            pathlib.Path(folder, beside.name).write_text(beside.read_text("utf-8"), "utf-8")
        wrong = pathlib.Path(folder, self.head["File"]) if "File" in self.head else program
        subprocess.run(["patch", "--quiet", "--no-backup-if-mismatch", "--fuzz=0", wrong], input=self.diff,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, text=True)
        return program

    def first_shown(self):
        """The title of the case that `./lab grade` shows first, or the words of the fault if it prints
        them and shows none, or ""; and all that it prints. Cases run one after the other: side by side,
        most of them would run for nothing, as they come behind the first that fails."""
        with tempfile.TemporaryDirectory(prefix="lab-mistake.") as folder:
            grade = [sys.executable, "-B", LAB / "tools/grade/grade.py", self.step, self.write(folder), "--build", BUILD,
                     "--next", "--jobs", "1"]
            said = subprocess.run(grade, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True).stdout
        found = re.search(r"^Next: (.*)$", said, re.MULTILINE)
        if found:
            return found[1], said
        return (self.fault if self.fault and self.fault in " ".join(said.split()) else ""), said


def graded(wrong_programs, at_once=1):
    """Grades them, some side by side: yields each with what first_shown() says, in their order. One that is
    not named as it should be is graded once more, as a busy machine is no failure."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for mistake, run in [(mistake, pool.submit(mistake.first_shown)) for mistake in wrong_programs]:
            shown, said = run.result()
            if shown != mistake.wanted:
                shown, said = mistake.first_shown()
            yield mistake, shown, said


def mistakes(steps):
    """The wrong programs of these steps, by name."""
    return [Mistake(path) for step in steps for path in sorted((FOLDER / step).glob("*.patch"))]


def steps():
    return sorted(path.name for path in FOLDER.iterdir() if path.name[:2].isdigit())


def unneeded(step):
    """The cases of `basic` and `robust` that no mistake names: (level, title, why it stays, or "")."""
    named = {mistake.case for mistake in mistakes([step])}
    return [(level, case.title, why_kept(case.title)) for level in ("basic", "robust")
            for case in suite.cases_of_level(BUILD, step, level) if case.title not in named]


def kept():
    """The groups of kept.toml, in its order."""
    return tomllib.loads((FOLDER / "kept.toml").read_text("utf-8"))["kept"]


def why_kept(title):
    """The reason of the first group in kept.toml of which a pattern is found in the title, or ""."""
    for group in kept():
        if any(re.search(pattern, title) for pattern in group["titles"]):
            return group["why"]
    return ""


def main():
    parser = argparse.ArgumentParser(prog="./lab mistakes", description="Grades wrong programs: is each named by its case?")
    parser.add_argument("step", nargs="*", help="the step, such as 01_tcp_echo; default: all")
    parser.add_argument("--name", metavar="TEXT", default="", help="only the mistakes whose name holds TEXT")
    parser.add_argument("--show", action="store_true", help="show what the grader prints of those that are named as they should be, too")
    parser.add_argument("--at-once", type=int, default=2 * (os.cpu_count() or 1), metavar="N",
                        help="programs side by side; default: two for each processor, since most of them wait")
    parser.add_argument("--unneeded", action="store_true", help="list the cases that no mistake names and why each stays, and grade nothing")
    options = parser.parse_args()
    chosen = options.step or steps()
    if options.unneeded:
        for step in chosen:
            for why, cases in itertools.groupby(sorted(unneeded(step), key=itemgetter(2)), itemgetter(2)):
                print("\n" + textwrap.fill(f"{step}: {why or 'no reason is known'}", 100))
                for level, title, _ in cases:
                    print(f"    {level:6}  {title}")
        return 0
    wrong = 0
    named = [mistake for mistake in mistakes(chosen) if options.name in mistake.name]
    for mistake, shown, said in graded(named, options.at_once):
        wrong += shown != mistake.wanted
        print(f"{'✓' if shown == mistake.wanted else '✗'} {mistake.step}  {mistake.name:<24}  {mistake.wanted}", flush=True)
        if shown != mistake.wanted:
            print(f"      first shown: {shown or 'none'}")
        if options.show or shown != mistake.wanted:
            print(said)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
