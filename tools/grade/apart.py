"""Grades one submission apart from all else: what `lab class` and a kit do for each student."""
import json
import os
import subprocess
import time
from signal import SIGHUP, SIGKILL, SIGTERM

import isolation
import record as records
import supervise

GRADE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grade.py")
# Exit statuses of a grader that has not ended by itself: signals 9, 15 and 1, and time, processes, memory, files.
KILLED = (128 + SIGKILL, 128 + SIGTERM, 128 + SIGHUP, *supervise.WHY_ENDED)
MAKE_SECONDS = 120  # for the command that builds a submission
MAX_SAID = 300  # characters of what that command says which a student sees


class Apart:
    """How submissions are graded: for which step, with which options. Any thread may call grade()."""

    def __init__(self, step, build, level, seconds, make="", variants=False, patience=None):
        self.step = step
        self.build = build  # the folder with the built programs and tests
        self.level = level
        self.seconds = seconds  # for the cases of one submission
        self.make = make  # a command for the shell that builds a submission in its folder, or ""
        self.variants = variants  # whether each student has a variant of the step
        self.patience = patience  # seconds for one thing that a program does, or None: by how fast it starts
        self.begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.isolation = isolation.Isolation()
        self.started = set()  # graders that run now

    def empty(self, name, **why):
        """The record of a submission that has not been graded; `why` is its trouble or fault."""
        return records.Record(self.step, name, self.begun, **why)

    def grade(self, name, path, slot=0, variant=None):
        """The record of the file or folder at `path`, graded as the user of this slot; `variant` is the ID of the
        student's variant, if that is not the name."""
        try:
            with self.isolation.folder(path, slot) as folder:
                not_built = self.built(folder, slot) if self.make else ""
                status, text = self.run(slot, folder, name, variant or name)
            if status in KILLED:
                return self.empty(name, trouble="The program has killed its own grading.")
            record = records.Record.from_dict(json.loads(text))
            record.trouble = record.trouble.replace(os.path.join(folder, "submission"), name)
            if record.trouble and not_built:
                record.trouble = not_built
            return record
        except isolation.TooMuch as error:
            return self.empty(name, trouble=f"It was not graded: {error}.")
        except (OSError, ValueError, TypeError) as error:
            return self.empty(name, fault=f"the grader ended without a result: {error}")

    def environment(self, folder):
        return dict(os.environ, TMPDIR=os.path.join(folder, "tmp"), HOME=folder)

    def built(self, folder, slot):
        """Builds the submission as its user; returns what is wrong with it, or ""."""
        command = supervise.command(MAKE_SECONDS, self.isolation.command(["sh", "-c", self.make], slot))
        run = subprocess.run(command, cwd=os.path.join(folder, "submission"), env=self.environment(folder),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.isolation.clear(slot)
        said = run.stdout[-20000:].decode("utf-8", "replace")
        errors = [line for line in said.splitlines() if "error" in line.lower()] or said.splitlines()[-1:]
        return "" if run.returncode == 0 else f"It could not be built with `{self.make}`: {' '.join(errors)[:MAX_SAID]}"

    def run(self, slot, folder, name, variant):
        """The exit status of the grader, and what it prints: the record, as JSON."""
        words = [self.isolation.python, "-B", GRADE, self.step, os.path.join(folder, "submission"), "--build", self.build,
                 "--level", self.level, "--name", name, "--time", str(self.seconds), "--jobs", "2", "--quiet",
                 "--results", "json:-", *(["--variant", variant] if self.variants else []),
                 *(["--patience", str(self.patience)] if self.patience else [])]
        # The grader ends itself at its time. A second supervisor, which the program has no right to signal, ends
        # what the first has left, if the program has stopped or killed that one.
        command = supervise.command(self.seconds + 30, self.isolation.command(words, slot))
        grader = subprocess.Popen(command, cwd=folder, env=self.environment(folder), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.started.add(grader)
        text = grader.communicate()[0]
        self.started.discard(grader)
        self.isolation.clear(slot)
        return grader.returncode, text

    def stop(self):
        """Ends the graders that run."""
        for grader in tuple(self.started):
            grader.terminate()
