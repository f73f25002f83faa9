"""Which cases a step's contract has, and in which order a student meets them."""
import html
import os
import re
import subprocess

from record import LEVELS

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASE = re.compile(r'<TestCase [^>]*>')
# The kinds of test programs whose cases speak to a program: see tests/CMakeLists.txt.
KINDS = ("contract", "browser")
# Sources whose cases speak to the client of the step.
CLIENT_FILE = re.compile(r"^(client|probe|explain)(_|\.)")


class Case:
    """One case: the test program that holds it, the source and line where it stands, its level, the role it is
    about, and its title."""

    def __init__(self, executable, place, level, title):
        self.executable = executable
        self.place = place
        self.level = level
        self.title = title
        self.role = "client" if CLIENT_FILE.search(place[0]) or title.startswith("client ") else "server"

    def command(self):
        """The command that runs this case alone. A comma would separate two filters of doctest."""
        return [self.executable, "--test-case=" + self.title.replace(",", "\\,"), "--no-intro", "--no-version"]


def test_programs(step, level):
    """The names of the test programs that hold cases of this level about the program of this step. A kit of `lab kit`
    has no sources, and the contract alone."""
    found = []
    for kind in KINDS:
        folder = os.path.join(LAB, "tests", step, kind)
        if kind == "contract" or os.path.isdir(folder) and has_level(folder, level):
            found.append(f"{step}_{kind}")
    return found


def has_level(folder, level):
    """Whether one of the sources in the folder holds cases of this level."""
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            if f'TEST_SUITE_BEGIN("{level}")' in file.read():
                return True
    return False


def cases_of_level(build, step, level):
    """The cases of one level, by the name of their source and their place in it. Their test programs have to be
    built."""
    folder = os.path.join(os.path.abspath(build), "tests")
    cases = [case for name in test_programs(step, level) for case in cases_of(os.path.join(folder, name))]
    return sorted((case for case in cases if case.level == level), key=lambda case: case.place)


def attribute(tag, name):
    found = re.search(rf' {name}="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else ""


def cases_of(executable):
    """The cases of one test program."""
    listing = subprocess.run([executable, "--list-test-cases", "--reporters=xml"],
                             stdout=subprocess.PIPE, check=True, text=True).stdout
    found = []
    for tag in CASE.findall(listing):
        level = attribute(tag, "testsuite")
        if level in LEVELS:
            place = (os.path.basename(attribute(tag, "filename")), int(attribute(tag, "line") or 0))
            found.append(Case(executable, place, level, attribute(tag, "name")))
    return found


class Checkpoint:
    """A named stretch of `basic`: what a student builds next, and the cases that tell whether it works."""

    def __init__(self, name, cases):
        self.name = name
        self.cases = cases


def in_order(cases, plan):
    """The checkpoints of `basic`: those of the exercise's plan, and behind them the cases that it does not name.

    The server comes before the client, since the client's cases need no server of the student's.
    """
    left = [case for case in cases if case.level == "basic"]
    checkpoints = []
    for entry in plan:
        chosen = [case for title in entry["cases"] for case in left if case.title == title]
        left = [case for case in left if case not in chosen]
        if chosen:
            checkpoints.append(Checkpoint(entry["name"], chosen))
    for role in ("server", "client"):
        rest = [case for case in left if case.role == role]
        if rest:
            checkpoints.append(Checkpoint(f"the rest of the {role}", rest))
    return checkpoints
