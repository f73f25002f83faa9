"""The contract cases of a step, run for a program in a folder of one's own."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("LAB_BUILD", LAB / "build"))
sys.path.insert(0, str(LAB / "tools" / "grade"))

import cases as suite  # noqa: E402


def basic_cases(step):
    """{title: test program} of the suite `basic` of this step."""
    return {case.title: case.executable for case in suite.cases_of_level(BUILD, step, "basic")}


IMPATIENT_MS = 2500  # for a case that is expected to fail: mostly it waits for what never comes


def run_case(program, title, folder, fails=False):
    """Runs the case for the program in `folder`: (whether it passed, None if it was skipped; what it
    printed). `fails`: it is expected to."""
    environment = dict(os.environ, LAB_BIN=str(folder), LAB_CASE_SECONDS="60")
    if fails:
        environment["LAB_DEADLINE_MS"] = str(IMPATIENT_MS)
    environment.pop("PYTHONUNBUFFERED", None)
    ended = subprocess.run(
        [program, "--test-case=" + title.replace(",", r"\,"), "--no-intro", "--no-version"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = ended.stdout.decode("utf-8", "replace")
    return None if "SKIPPED: " in said else ended.returncode == 0, said


def grade(cases, folder, fails=(), at_once=4):
    """Runs `cases`, {title: test program}, side by side: {title: (passed, what it printed)}. `fails` are
    the titles of those that are expected to."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        runs = {title: pool.submit(run_case, program, title, folder, title in fails) for title, program in cases.items()}
        return {title: run.result() for title, run in runs.items()}
