#!/usr/bin/env python3
"""Grades one submission on the machine of a platform, and writes its result: what a kit of `lab kit` runs.

    python3 submission.py STEP SUBMISSION FORMAT:FILE [--name NAME]

It is apart.Apart for one submission. kit.json in the kit's folder has the options, as `lab kit` wrote it. Exit
status: 0 if all has passed, 1 if not, 3 if the grader could not grade. A result is written in each case.
"""
import argparse
import json
import os
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import apart  # noqa: E402
import isolation  # noqa: E402
import record as records  # noqa: E402
import results  # noqa: E402

PASSED_ALL, NOT_ALL, COULD_NOT = 0, 1, 3
HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def arguments():
    parser = argparse.ArgumentParser(description="Grades one submission, and writes its result.")
    parser.add_argument("step", help="the step's name: 01_tcp_echo")
    parser.add_argument("submission", help="the file or the folder that was handed in; it need not be there")
    parser.add_argument("results", type=results.wanted, metavar="FORMAT:FILE")
    parser.add_argument("--name", default="submission", help="the student's name in the result")
    return parser.parse_args()


def make_programs_executable(folder):
    """Platforms lose the permission to execute: files that begin as programs do get it again."""
    for place, _, names in os.walk(folder):
        for path in (os.path.join(place, name) for name in names):
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    first = file.read(4)
                if first.startswith(b"#!") or first == b"\x7fELF":
                    os.chmod(path, os.stat(path).st_mode | 0o555)


def grade(options, grader):
    """The record of the submission."""
    with tempfile.TemporaryDirectory(prefix="lab-kit.") as folder:
        copied = os.path.join(folder, "submission")
        if os.path.exists(options.submission):
            try:
                isolation.copy(options.submission, copied)
            except isolation.TooMuch as error:
                return grader.empty(options.name, trouble=f"It was not graded: {error}.")
        os.makedirs(copied, exist_ok=True)
        make_programs_executable(copied)
        for sentence in grader.isolation.missing():
            print(f"Not isolated: {sentence}", file=sys.stderr)
        return grader.grade(options.name, copied)


def main():
    options = arguments()
    with open(os.path.join(HOME, "kit.json"), encoding="utf-8") as file:
        kit = json.load(file)
    grader = apart.Apart(options.step, os.path.join(HOME, "build"), kit["level"], kit["seconds"], kit["make"], kit["variants"],
                         kit["patience"])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(COULD_NOT))
    record = grader.empty(options.name, fault="it was ended before it was ready")
    try:
        if options.step not in kit["steps"]:
            record.fault = f"this kit has no step {options.step}; it has {', '.join(kit['steps'])}"
        else:
            record = grade(options, grader)
    except isolation.TooMuch as error:
        record.fault = str(error)
    except OSError as error:
        record.fault = f"the submission could not be copied: {error}"
    finally:
        grader.stop()
        records.give_marks(record, records.read_marks(records.MARKS))
        records.hide(record, kit["details"])
        results.write(*options.results, [record])
    print(f"{options.name}: {record.summary()}", file=sys.stderr)
    if record.fault:
        return COULD_NOT
    return PASSED_ALL if record.cases and len(record.passed) == len(record.counted) else NOT_ALL


if __name__ == "__main__":
    sys.exit(main())
