#!/usr/bin/env python3
"""Grades a folder of submissions: `./lab class STEP DIR`. Each folder or file in DIR is a student's."""
import argparse
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import alike  # noqa: E402
import apart  # noqa: E402
import cases as suite  # noqa: E402
import class_pages  # noqa: E402
import isolation  # noqa: E402
from exercise import Exercise  # noqa: E402
from seconds import seconds  # noqa: E402
import record as records  # noqa: E402
import results  # noqa: E402
import variant  # noqa: E402

ALL_GRADED, COULD_NOT = 0, 3


def arguments():
    parser = argparse.ArgumentParser(prog="./lab class", description="Grades each folder or file in DIR, some side by side.")
    parser.add_argument("step", help="the step, such as 01_tcp_echo")
    parser.add_argument("folder", metavar="DIR", help="a folder or a file for each student")
    parser.add_argument("--level", choices=suite.LEVELS, default="full", help="grade up to this level; default: full")
    parser.add_argument("--time", type=seconds, default=60, metavar="SECONDS", help="for one student; default: 60")
    parser.add_argument("--patience", type=seconds, metavar="SECONDS",
                        help="for one thing that a program does; default: by how fast it starts")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, metavar="N", help="students side by side")
    parser.add_argument("--resume", action="store_true", help="keep the results of a run that was broken off")
    parser.add_argument("--results", metavar="FORMAT:FILE", action="append", default=[],
                        help=f"write the results of all; formats: {', '.join(results.OF_MANY)}")
    parser.add_argument("--csv", metavar="FILE", help="short for --results csv:FILE")
    parser.add_argument("--html", metavar="FOLDER", help="a page for the class, and one for each student")
    parser.add_argument("--variants", action="store_true", help="each student has the variant of the folder's name, or the file's")
    parser.add_argument("--make", metavar="COMMAND", default="", help="builds each submission in its folder: --make 'make'")
    parser.add_argument("--alike", action="store_true", help="name submissions that are the same but for names and layout")
    parser.add_argument("--marks", metavar="FILE", help="points and hidden cases, as tools/marks.toml has them")
    parser.add_argument("--details", choices=records.DETAILS, default="full", help="what students see of hidden cases")
    parser.add_argument("--build", default=os.path.join(suite.LAB, "build"), help=argparse.SUPPRESS)
    parser.add_argument("--caller", default=os.getcwd(), help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        options.results = [results.wanted(word) for word in options.results + ([f"csv:{options.csv}"] if options.csv else [])]
        if options.variants:
            variant.checked(options.step, "anybody")
        options.marks = records.read_marks(os.path.join(options.caller, options.marks or records.MARKS))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    for name, _ in options.results:
        if name in results.OF_ONE:
            parser.error(f"{name} is for one program: ./lab grade writes it")
    options.folder = os.path.join(options.caller, options.folder)
    if not os.path.isdir(options.folder):
        parser.error(f"there is no folder {options.folder}")
    return options


def students(folder):
    """{name: path} of what is handed in: each folder or file in `folder`, sorted by name."""
    names = sorted((name for name in os.listdir(folder) if not name.startswith(".")), key=lambda name: (name.casefold(), name))
    return {name: os.path.join(folder, name) for name in names}


class Class:
    """One run: the records of the students, kept on disk as they come."""

    def __init__(self, options):
        self.options = options
        self.apart = apart.Apart(options.step, options.build, options.level, options.time, options.make, options.variants,
                                 options.patience)
        self.slots = list(range(options.at_once))
        what = json.dumps([options.step, os.path.realpath(options.folder), options.level, options.make, options.variants])
        self.kept = os.path.join(options.build, "class", hashlib.sha256(what.encode()).hexdigest()[:16])
        os.makedirs(self.kept, exist_ok=True)

    def file_of(self, name):
        return os.path.join(self.kept, hashlib.sha256(os.fsencode(name)).hexdigest()[:16] + ".json")

    def record_of(self, name):
        """The record of a student that is kept, or None."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            with open(self.file_of(name), encoding="utf-8") as file:
                return records.Record.from_dict(json.load(file))
        return None

    def grade(self, name, path):
        """Grades one student, in whichever place is free."""
        slot = self.slots.pop()
        try:
            stem = os.path.splitext(name)[0] if os.path.isfile(path) else name
            return self.apart.grade(name, path, slot, stem)
        finally:
            self.slots.append(slot)

    def all(self):
        """Grades all students. Returns their records, sorted by name, and whether it came to its end: if a signal
        breaks it off, those that were not graded have a fault for a mark."""
        found = {}
        todo = {}
        for name, path in students(self.options.folder).items():
            kept = self.record_of(name) if self.options.resume else None
            if kept and not kept.fault:
                found[name] = kept
            else:
                todo[name] = path
        progress = Progress(len(todo))
        whole = True
        with ThreadPoolExecutor(self.options.at_once) as pool:
            try:
                runs = {pool.submit(self.grade, name, path): name for name, path in todo.items()}
                for run in as_completed(runs):
                    name = runs[run]
                    found[name] = run.result()
                    results.write("json", self.file_of(name), [found[name]])
                    progress.step(name)
            except (KeyboardInterrupt, SystemExit):
                whole = False
                pool.shutdown(wait=False, cancel_futures=True)
                self.apart.stop()
            finally:
                progress.end()
        for name in set(todo) - set(found):
            found[name] = self.apart.empty(name, fault="it was broken off; --resume goes on from here")
        return sorted(found.values(), key=lambda record: (record.target.casefold(), record.target)), whole


class Progress:
    """One line that says how far we are and how long it will take: on a terminal only."""

    def __init__(self, total):
        self.total = total
        self.done = 0
        self.begin = time.monotonic()
        self.shown = sys.stderr.isatty()

    def step(self, name):
        self.done += 1
        left = (time.monotonic() - self.begin) / self.done * (self.total - self.done)
        if self.shown:
            text = f"{self.done} of {self.total} graded, about {left:.0f} s left: {records.clean(name)}"
            print(f"\r\033[K{text[:78]}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def given(step):
    """The starters, which all students may have begun with, and what stands beside them, as texts."""
    exercise = Exercise(step)
    return [(language == "python", text) for language in exercise.languages()
            for text in (exercise.render(language, 1), *exercise.given(language).values())]


def table(found):
    """The table that is printed."""
    rows = [("student", "score", "level", "checkpoints", "cases", "first cause")]
    for record in map(records.cleaned, found):
        cause = record.fault or record.trouble or (record.first_bad.title if record.first_bad else "")
        rows.append((record.target, "fault" if record.fault else f"{record.score:g}", record.level or "-", record.checkpoints,
                     f"{len(record.passed)} of {len(record.counted)}", cause))
    widths = [min(30, max(len(row[column]) for row in rows)) for column in range(len(rows[0]) - 1)]
    return "\n".join("  ".join(f"{records.clipped(text, width):<{width}}" for text, width in zip(row, widths)) + "  " + row[-1]
                     for row in rows)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(COULD_NOT))
    options = arguments()
    # Everything is built before the first student, and not by a program that has no rights to.
    programs = suite.test_programs(options.step, options.level)
    if subprocess.run([os.path.join(suite.LAB, "lab"), "build", options.step, *programs], stdout=sys.stderr).returncode != 0:
        return COULD_NOT
    run = Class(options)
    try:
        for sentence in run.apart.isolation.missing():
            print(f"Not isolated: {sentence}")
    except isolation.TooMuch as error:
        print(f"lab: {error}", file=sys.stderr)
        return COULD_NOT
    found, whole = run.all()
    for record in found:
        records.give_marks(record, options.marks)
        records.hide(record, options.details)
    print(table(found))
    if options.alike and whole:
        print(alike.report(students(options.folder), given(options.step)))
    for name, path in options.results:
        results.write(name, os.path.join(options.caller, path) if path != "-" else path, found)
    if options.html:
        class_pages.write(os.path.join(options.caller, options.html), found)
    return COULD_NOT if any(record.fault for record in found) else ALL_GRADED


if __name__ == "__main__":
    sys.exit(main())
