#!/usr/bin/env python3
"""Grades a program against the contract of a step: `./lab grade STEP TARGET`."""
import argparse
import contextlib
import io
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import cases as suite  # noqa: E402
from exercise import Exercise  # noqa: E402
from seconds import seconds  # noqa: E402
import record as records  # noqa: E402
from recording import Recording  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import running  # noqa: E402
import target as targets  # noqa: E402
import variant  # noqa: E402
from report import STYLE  # noqa: E402

PASSED_ALL, NOT_ALL, COULD_NOT = 0, 1, 3
NO_CLIENT, BAD_USAGE = b"77", b"2"  # exit statuses of a program that has no client


class TimeIsOver(Exception):
    """--time has passed."""


def time_is_over(*_):
    raise TimeIsOver


def arguments():
    parser = argparse.ArgumentParser(prog="./lab grade", description="Grades a program against the contract of a step.")
    parser.add_argument("step", help="the step, such as 01_tcp_echo")
    parser.add_argument("target", help="a program, a folder that holds it, or tcp://HOST:PORT of a running server")
    parser.add_argument("--level", choices=suite.LEVELS, help="grade up to this level; default: up to the first that fails")
    parser.add_argument("--role", choices=("server", "client"), help="only the cases of this role")
    parser.add_argument("--case", metavar="TEXT", help="only the cases whose name holds TEXT")
    parser.add_argument("--variant", metavar="ID", help="the student's name, where some values differ from student to student")
    parser.add_argument("--all", action="store_true", help="show every case")
    parser.add_argument("--next", action="store_true", help="only the case that matters next")
    parser.add_argument("--hint", action="count", default=0, help="where to look; twice: nearly the line")
    parser.add_argument("--capture", metavar="FILE",
                        help="run the case that matters next, or else the first, once more, and record what it sends and receives")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="run each case N times: one that fails sometimes is unstable")
    parser.add_argument("--seed", type=int, metavar="S",
                        help="begin the cases in an order drawn from S, the same in each run; default: as a student builds")
    parser.add_argument("--patience", type=seconds, metavar="SECONDS",
                        help="for one thing that a program does; default: by how fast it starts")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="cases side by side; default: by processors")
    parser.add_argument("--results", metavar="FORMAT:FILE", action="append", default=[],
                        help=f"write the results for a platform too, all levels; formats: {', '.join(results.FORMATS)}")
    parser.add_argument("--marks", metavar="FILE", help="points for levels, checkpoints and cases, as tools/marks.toml has them")
    parser.add_argument("--details", choices=records.DETAILS, default="full", help="what results show of hidden cases")
    parser.add_argument("--name", help="the name in the results; default: the target")
    parser.add_argument("--time", type=seconds, metavar="SECONDS", help="for all of it; what has not run by then earns nothing")
    parser.add_argument("--quiet", action="store_true", help="print no report: for --results FORMAT:-")
    parser.add_argument("--build", help=argparse.SUPPRESS)  # where everything is built already
    parser.add_argument("--caller", default=os.getcwd(), help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        options.results = [results.wanted(word) for word in options.results]
        options.marks = os.path.join(options.caller, options.marks) if options.marks else None
        options.variant = variant.checked(options.step, options.variant) if options.variant is not None else []
        options.capture = os.path.join(options.caller, options.capture) if options.capture else None
        if options.capture:
            open(options.capture, "wb").close()
        recording = Recording(options)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    # A mark is for all levels: each is graded although one before it has failed.
    options.level = options.level or ("full" if options.results else None)
    return options, recording


def build(options, level):
    """Has the test programs of a level built; ends where that fails, as the compiler has said why."""
    if options.build:
        return options.build
    lab = os.path.join(suite.LAB, "lab")
    if subprocess.run([lab, "build", options.step, *suite.test_programs(options.step, level)]).returncode != 0:
        sys.exit(COULD_NOT)
    return os.path.join(suite.LAB, "build")


def checkpoints_of(level, options):
    """The checkpoints of a level, without the cases that the options leave out."""
    cases = [case for case in suite.cases_of_level(build(options, level), options.step, level)
             if (not options.role or case.role == options.role) and (not options.case or options.case in case.title)]
    if level == "basic":
        return suite.in_order(cases, Exercise(options.step).checkpoints)
    checkpoints = [suite.Checkpoint(role, [case for case in cases if case.role == role]) for role in ("server", "client")]
    return [checkpoint for checkpoint in checkpoints if checkpoint.cases]


class Grading:
    """One grading run: what has been found so far."""

    def __init__(self, options, target, waiting, recording):
        self.options = options
        self.recording = recording
        self.target = target
        self.waiting = waiting  # role -> why its cases cannot work yet
        self.results = {}
        self.first = None  # the first case that failed, and its result

    def grade(self, level, checkpoints):
        """Grades one level, and shows its checkpoints; true if all of it has passed."""
        ordered = [case for checkpoint in checkpoints for case in checkpoint.cases]
        for case in ordered:
            if case.role in self.waiting:
                self.recording.wait_for(case, self.waiting[case.role])
        run = running.Run([case for case in ordered if case.role not in self.waiting], self.target,
                          self.options.jobs or self.target.jobs, self.options.repeat, self.options.seed)
        try:
            for case, result in run.results(self.options.all):
                self.results[case] = result
                self.recording.note(case, result)
                if result.is_bad() and self.first is None and not self.is_absent_client(case):
                    self.first = case
                    self.show_first()
                    if self.options.next:
                        return False
        finally:
            run.stop()
        self.leave_out_absent_client(level, ordered)
        self.show(level, checkpoints)
        return all(self.state(case) in (records.PASSED, records.SKIPPED) for case in ordered)

    def show_first(self):
        """The one case that matters next, as soon as it is known."""
        near = Exercise(self.options.step).hints.get(self.first.title, "")
        for value in self.options.variant:
            near = near.replace(value.usual, value.value)
        lines = report.failure(self.first, self.results[self.first], 1 + self.options.hint, near)
        print("\n".join(lines) + "\n", flush=True)

    def show(self, level, checkpoints):
        print(STYLE("bold", level))
        width = max(len(checkpoint.name) for checkpoint in checkpoints)
        for number, checkpoint in enumerate(checkpoints, 1):
            states = [self.state(case) for case in checkpoint.cases]
            print(report.checkpoint_row(number, checkpoint.name, states, width))
            if self.options.all:
                for case, state in zip(checkpoint.cases, states):
                    print(f"      {report.MARKS[state]} {case.title}")

    def capture(self, file):
        """Runs the case that matters next once more, or if there is none the first of all, and records it in the file."""
        if not self.results:
            return
        case = self.first or next(iter(self.results))
        result = running.run_once(case, self.target, set(), file)
        note = "" if result.is_bad() == bool(self.first) else f", which has {result.state} this time"
        print(f"\n{file} holds what \"{case.title}\" has sent and received{note}.")

    def is_absent_client(self, case):
        """Whether the program has said by its exit status that it has no client."""
        return case.role == "client" and self.results[case].transcript.end_of("client") in (NO_CLIENT, BAD_USAGE)

    def leave_out_absent_client(self, level, cases):
        """Where no case has found a client, the client's cases have not failed: they wait for one."""
        clients = [case for case in cases if case.role == "client" and case in self.results]
        if level == "basic" and clients and all(map(self.is_absent_client, clients)):
            self.waiting["client"] = "there is no client yet: the program ends with " \
                f"exit status {self.results[clients[0]].transcript.end_of('client').decode()}"
            for case in clients:
                del self.results[case]
                self.recording.wait_for(case, self.waiting["client"])

    def wait_for_basic(self):
        """What comes behind `basic` cannot work for a role of which no case of `basic` has passed: it waits."""
        for role in ("server", "client"):
            states = [result.state for case, result in self.results.items() if case.role == role]
            if states and all(state in (records.FAILED, records.UNSTABLE) for state in states):
                self.waiting.setdefault(role, f"none of the {role}'s cases of basic has passed")

    def state(self, case):
        return self.results[case].state if case in self.results else records.WAITS

    def close(self, left):
        """The end of the report: what waits, and how many other cases have failed. `left` are levels not graded."""
        bad = [case for case, result in self.results.items() if result.is_bad()]
        for role, why in self.waiting.items():
            print("\n" + report.wrapped("waits", f"the {role}'s cases: {why}"))
        others = len(bad) - (1 if self.first else 0)
        notes = []
        if others > 0:
            notes.append(f"{others} more {'fails' if others == 1 else 'fail'}"
                         + ("" if self.options.all else "; --all shows every case"))
        skipped = [result.reason for result in self.results.values() if result.state == records.SKIPPED]
        if skipped:
            notes.append(f"{len(skipped)} skipped: " + "; ".join(sorted(set(skipped))))
        if left:
            notes.append("not graded yet: " + ", ".join(left))
        if notes:
            print("\n" + "\n".join(notes))


def grade(options, recording):
    """Grades the target, and notes in the record what is found. Returns the exit status."""
    try:
        target = targets.find(options.target, options.step, options.caller)
    except targets.Fault as fault:
        print(f"lab: {fault}")
        recording.record.trouble = f"{fault}."
        plan(options, recording)
        return NOT_ALL
    try:
        print("\n".join([f"{options.step}: {target.name()}", *(f"variant: {value.says}" for value in options.variant)]) + "\n", flush=True)
        target.variant = {value.variable: value.value for value in options.variant}
        waiting = {}
        if isinstance(target, targets.Program) and options.role != "client":
            try:
                target.patience = targets.patience(targets.gate(target))
            except targets.Fault as fault:
                print(report.wrapped("", f"{fault}.").lstrip())
                waiting["server"] = "the server does not start yet"
                recording.record.trouble = f"{fault}."
        target.patience = options.patience or target.patience
        return grade_levels(options, target, waiting, recording)
    finally:
        target.close()


def levels(options):
    """The levels up to the one that is asked for."""
    return list(suite.LEVELS[:suite.LEVELS.index(options.level) + 1] if options.level else suite.LEVELS)


def plan(options, recording):
    """Results hold each case, whether the run comes to it or not."""
    for level in levels(options) if options.results else []:
        recording.plan(checkpoints_of(level, options))


def grade_levels(options, target, waiting, recording):
    begin = time.monotonic()
    grading = Grading(options, target, waiting, recording)
    todo = levels(options)
    plan(options, recording)
    passed = True
    while todo and (passed or options.level or options.all):
        level = todo.pop(0)
        checkpoints = checkpoints_of(level, options)
        passed = (not checkpoints or grading.grade(level, checkpoints)) and passed
        if level == "basic":
            grading.wait_for_basic()
        if level == "basic" and passed and not (options.case or options.role):
            Exercise(options.step).note_passed(build(options, level))
    if not (options.next and grading.first):
        grading.close(todo)
    if options.capture:
        grading.capture(options.capture)
    if not grading.waiting and all(result.state == records.SKIPPED for result in grading.results.values()):
        print("lab: no case is left that could be run: look at --case, --role and --level", file=sys.stderr)
        return COULD_NOT
    print(f"\n{'All passed' if passed and not todo else 'Not all passed'}, in {time.monotonic() - begin:.1f} s.")
    return PASSED_ALL if passed and not todo else NOT_ALL


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(COULD_NOT))
    options, recording = arguments()
    report_goes_to = io.StringIO() if options.quiet else sys.stdout
    if options.time:
        signal.signal(signal.SIGALRM, time_is_over)
        signal.setitimer(signal.ITIMER_REAL, options.time)
    fault = "it was ended before it was ready"
    status = COULD_NOT
    try:
        with contextlib.redirect_stdout(report_goes_to):
            status = grade(options, recording)
        fault = "no case was left that could be run" if status == COULD_NOT else ""
    except TimeIsOver:
        fault, status = "", NOT_ALL
        recording.record.trouble = recording.record.trouble or f"The time of {options.time:g} s was over before all cases had run."
        print(f"\nThe time of {options.time:g} s is over.", file=report_goes_to)
    except (OSError, ValueError) as error:
        fault = str(error)
        print(f"lab: grading itself failed: {error}", file=sys.stderr)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        recording.write(fault)
    sys.exit(status)


if __name__ == "__main__":
    main()
