"""Makes the record of a grading run, and writes the files that `--results` asks for, whatever happens."""
import os
import re
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "results"))
import record as results_record  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402

MARKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "marks.toml")
COLOUR = re.compile(r"\033\[\d*m")


def key(case):
    """What a case is known by: its levels are listed anew each time."""
    return case.level, case.title


class Recording:
    """The record of one run, which grows while it runs. `write` may be called at any moment."""

    def __init__(self, options):
        self.begin = time.monotonic()
        self.options = options
        self.marks = results_record.read_marks(options.marks or MARKS)
        self.record = results_record.Record(step=options.step, target=options.name or options.target,
                                            begun=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        self.cases = {}

    def plan(self, checkpoints):
        """These cases belong to the run, whether it comes to them or not."""
        for checkpoint in checkpoints:
            for case in checkpoint.cases:
                self.cases.setdefault(key(case), results_record.Case(case.title, case.level, checkpoint.name, case.role, results_record.WAITS,
                                                                text="it was not run", brief="it was not run"))
        self.record.cases = list(self.cases.values())

    def note(self, case, result):
        entry = self.cases[key(case)]
        entry.state, entry.seconds = result.state, result.seconds
        entry.text = entry.brief = result.reason
        if result.is_bad():
            said = result.transcript.said
            entry.hint = said("hint")
            entry.brief = result.reason or f"expected {said('expected')}; came {said('got')}"
            # The first line is the title, which the record has already.
            entry.text = COLOUR.sub("", "\n".join(report.failure(case, result, 2, "")[1:]))

    def wait_for(self, case, why):
        self.cases[key(case)].state = results_record.WAITS
        self.cases[key(case)].text = self.cases[key(case)].brief = f"it waits: {why}"

    def write(self, fault=""):
        """Writes all files that are asked for."""
        self.record.fault = fault
        self.record.seconds = time.monotonic() - self.begin
        results_record.give_marks(self.record, self.marks)
        results_record.hide(self.record, self.options.details)
        for name, path in self.options.results:
            results.write(name, os.path.join(self.options.caller, path) if path != "-" else path, [self.record])
