"""Makes the record of a grading run, and writes the files that `--results` asks for, whatever happens."""
import os
import re
import time

import record as records
import report
import results

COLOUR = re.compile(r"\033\[\d*m")


def key(case):
    """What a case is known by: two listings of a level make two objects of it."""
    return case.level, case.title


class Recording:
    """The record of one run, which grows while it runs. `write` may be called at any moment."""

    def __init__(self, options):
        self.begin = time.monotonic()
        self.options = options
        self.marks = records.read_marks(options.marks or records.MARKS)
        self.record = records.Record(step=options.step, target=options.name or options.target,
                                     begun=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        self.cases = {}

    def plan(self, checkpoints):
        """These cases belong to the run, whether it comes to them or not."""
        for checkpoint in checkpoints:
            for case in checkpoint.cases:
                self.cases[key(case)] = records.Case(case.title, case.level, checkpoint.name, case.role, records.WAITS,
                                                     text="it was not run", brief="it was not run")
        self.record.cases = list(self.cases.values())

    def note(self, case, result):
        """The case has ended so. A case that is not planned is of no interest to anybody."""
        entry = self.cases.get(key(case))
        if not entry:
            return
        entry.state, entry.seconds = result.state, result.seconds
        entry.text = entry.brief = result.reason
        if result.is_bad():
            said = result.transcript.said
            entry.hint = said("hint")
            entry.brief = result.reason or f"expected {said('expected')}; came {said('got')}"
            # The first line is the title, which the record has already.
            entry.text = COLOUR.sub("", "\n".join(report.failure(case, result, 2, "")[1:]))

    def wait_for(self, case, why):
        """The case is not run, and this is why."""
        if entry := self.cases.get(key(case)):
            entry.state = records.WAITS
            entry.text = entry.brief = f"it waits: {why}"

    def write(self, fault=""):
        """Writes all files that are asked for."""
        self.record.fault = fault
        self.record.seconds = time.monotonic() - self.begin
        records.give_marks(self.record, self.marks)
        records.hide(self.record, self.options.details)
        for name, path in self.options.results:
            results.write(name, os.path.join(self.options.caller, path) if path != "-" else path, [self.record])
