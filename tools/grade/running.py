"""Runs cases, some side by side, and says how each of them ended."""
import itertools
import os
import random
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait

import supervise
from record import FAILED, PASSED, SKIPPED, UNSTABLE
from target import clean_environment
from transcript import Transcript

CASE_SECONDS = 45  # for one case; the slowest takes about 10
MAX_OUTPUT = 1024 * 1024  # bytes of what a case prints that are read


class Result:
    """How a case ended: its state, its transcript, and a reason where the transcript does not hold it."""

    def __init__(self, state, transcript=None, reason="", seconds=0.0):
        self.state = state
        self.seconds = seconds
        self.transcript = transcript or Transcript()
        self.reason = reason

    def is_bad(self):
        return self.state in (FAILED, UNSTABLE)


def environment(folder, target, case, transcript):
    """What a case is started with. In `basic` nothing takes a program long; beyond it, timers are waited for."""
    variables = {**clean_environment(folder), **target.environment(), "LAB_TRANSCRIPT": transcript, "LAB_ROLE": case.role}
    if "LAB_HOME" in os.environ:  # a kit stands elsewhere than where it was built
        variables["LAB_HOME"] = os.environ["LAB_HOME"]
    if case.level == "basic":
        variables["LAB_DEADLINE_MS"] = str(round(1000 * target.patience))
    return variables


def run_once(case, target, started, capture=None):
    """Runs the case once, in a folder of its own that is gone afterwards. While it runs, its process is in `started`.

    The file `capture`, if it is named, then holds what the case, and our own half of the step beside it, have sent and
    received: pcapng, a section for each program.
    """
    folder = tempfile.mkdtemp(prefix="lab-grade.")
    begin = time.monotonic()
    try:
        notes = os.path.join(folder, "transcript")
        printed = os.path.join(folder, "output")
        recorded = os.path.join(folder, "capture")
        work = os.path.join(folder, "work")
        os.mkdir(work)
        with open(printed, "wb") as file:
            process = supervise.Supervised(
                CASE_SECONDS, case.command(), file, work,
                {**environment(work, target, case, notes), **({"LAB_CAPTURE": recorded} if capture else {})})
            started.add(process)
            status = process.wait()
            started.discard(process)
        with open(printed, "rb") as file:
            output = file.read(MAX_OUTPUT).decode("utf-8", errors="replace")
        result = judge(status, output, Transcript.read(notes))
        result.seconds = time.monotonic() - begin
        if capture:
            join_captures(recorded, capture)
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def join_captures(first, joined):
    """Writes the file `joined`: `first`, then `first`.1 and so on. A file of pcapng may have any number of sections."""
    with open(joined, "wb") as whole:
        for name in itertools.chain([first], (f"{first}.{number}" for number in itertools.count(1))):
            if not os.path.exists(name):
                return
            with open(name, "rb") as part:
                shutil.copyfileobj(part, whole)


def judge(status, output, transcript):
    if status == 0:
        skipped = [line for line in output.splitlines() if line.startswith("SKIPPED: ")]
        return Result(SKIPPED, transcript, skipped[0][len("SKIPPED: "):]) if skipped else Result(PASSED, transcript)
    if status in supervise.WHY_ENDED:
        return Result(FAILED, transcript, f"the case was ended: {supervise.WHY_ENDED[status]}")
    if status > 128:
        return Result(FAILED, transcript,
                      f"signal {status - 128} ended the case: does the program signal its whole process group?")
    return Result(FAILED, transcript, "" if transcript.failure else thrown(output))


def thrown(output):
    """What doctest says of a case that no check of the suite has ended."""
    at = output.find("ERROR: ")
    return " ".join(output[at + len("ERROR: "):].split("\n\n")[0].split()) if at >= 0 else "the case failed"


def together(results):
    """One result of several runs: a case that fails only sometimes is unstable."""
    failed = [result for result in results if result.state == FAILED]
    if not failed or len(failed) == len(results):
        return results[0]
    return Result(UNSTABLE, failed[0].transcript, seconds=failed[0].seconds, reason=f"it failed in {len(failed)} of {len(results)} runs")


class Run:
    """Cases that run side by side, each `repeat` times. Their results come in the order of the cases, whatever
    the order of their ends; `seed`, unless it is None, decides the order in which they begin."""

    def __init__(self, cases, target, jobs, repeat=1, seed=None):
        self.cases = cases
        self.target = target
        self.started = set()  # processes of cases that run now
        self.workers = ThreadPoolExecutor(max_workers=jobs)
        order = [case for case in cases for _ in range(repeat)]
        if seed is not None:
            random.Random(seed).shuffle(order)
        self.runs = [(case, self.start(case)) for case in order]

    def start(self, case):
        return self.workers.submit(run_once, case, self.target, self.started)

    def result(self, case):
        """Waits for all runs of the case."""
        return together([run.result() for other, run in self.runs if other is case])

    def results(self, confirm_all):
        """Yields (case, result). The first case that has failed, or each, runs again alone before its turn."""
        confirming = True
        for case in self.cases:
            result = self.result(case)
            if result.state == FAILED and confirming:
                result = self.confirmed(case, result)
                confirming = confirm_all or result.state != FAILED
            yield case, result

    def confirmed(self, case, first):
        """Runs a failed case again while no other one runs: another one may have been in its way."""
        waiting = [index for index, (_, run) in enumerate(self.runs) if run.cancel()]
        wait([run for _, run in self.runs])
        results = [first, run_once(case, self.target, self.started)]
        if results[-1].state != FAILED:
            results.append(run_once(case, self.target, self.started))
        for index in waiting:
            other = self.runs[index][0]
            self.runs[index] = (other, self.start(other))
        return together(results)

    def stop(self):
        """Starts no further case, and ends those that run."""
        self.workers.shutdown(wait=False, cancel_futures=True)
        for process in tuple(self.started):
            process.end()
        self.workers.shutdown()
