"""Which cases a step's contract has, and in which order a student meets them."""
import html
import os
import re
import subprocess

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEVELS = ("basic", "robust", "full")
CASE = re.compile(r'<TestCase [^>]*>')
# Test programs whose cases speak to the client of the step.
CLIENT_FILE = re.compile(r"_(client|probe|explain)(_|$)")


class Case:
    """One case: the test program that holds it, its level, the role it is about, and its title."""

    def __init__(self, executable, level, title):
        self.executable = executable
        self.level = level
        self.title = title
        name = os.path.basename(executable)
        self.role = "client" if CLIENT_FILE.search(name) or title.startswith("client ") else "server"

    def command(self):
        """The command that runs this case alone. A comma would separate two filters of doctest."""
        return [self.executable, "--test-case=" + self.title.replace(",", "\\,"), "--no-intro", "--no-version"]


def test_programs(step, level):
    """The names of the test programs that hold cases of this level about the program of this step."""
    folder = os.path.join(LAB, "tests")
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(step + "_") and name.endswith("_test.cpp") and "_unit_" not in name:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            # The contract of HTTP, which 06 and 07 share, stands in headers and has cases of all levels.
            if f'TEST_SUITE_BEGIN("{level}")' in text or "http_contract" in text:
                found.append(name.removesuffix(".cpp"))
    return found


def cases_of_level(build, step, level):
    """The cases of one level. Their test programs have to be built."""
    folder = os.path.join(os.path.abspath(build), "tests")
    cases = [case for name in test_programs(step, level) for case in cases_of(os.path.join(folder, name))]
    return [case for case in cases if case.level == level]


def attribute(tag, name):
    found = re.search(rf' {name}="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else ""


def cases_of(executable):
    """The cases of one test program, in the order of its source."""
    listing = subprocess.run([executable, "--list-test-cases", "--reporters=xml", "--order-by=file"],
                             stdout=subprocess.PIPE, check=True, text=True).stdout
    found = []
    for tag in CASE.findall(listing):
        level = attribute(tag, "testsuite")
        if level in LEVELS:
            found.append(((attribute(tag, "filename"), int(attribute(tag, "line") or 0)),
                          Case(executable, level, attribute(tag, "name"))))
    return [case for _, case in sorted(found, key=lambda pair: pair[0])]


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
