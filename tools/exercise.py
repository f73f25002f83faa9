"""The exercises of the steps: one source for each language, from which starter and solution are made.

exercises/STEP/program.py and program.cpp are whole programs. Marks in them say which lines belong to
which checkpoint, and what a starter has in their place:

    # checkpoint 3 begin: serve the next client when this one has left
    while True:
        serve(listener)
    # checkpoint 3 starter:
    # serve(listener)
    # checkpoint 3 end

In C++ the marks begin with // instead. exercises/STEP/checkpoints.toml names the checkpoints in the
order in which a program is built, and the cases of the suite `basic` that belong to each. Checkpoint 1
is the gate, which a starter passes.

exercises/given/ holds headers for the programs in C++: what earlier steps have taught already, and what
no checkpoint is about. A starter has those that its program includes beside it.
"""

import contextlib
import os
import pathlib
import re
import tomllib

LAB = pathlib.Path(__file__).resolve().parent.parent
SUFFIXES = {"python": ".py", "cpp": ".cpp"}
BUILD = pathlib.Path(os.environ.get("LAB_BUILD", LAB / "build"))
INCLUDE = re.compile(r'^#include "(.+)"$', re.MULTILINE)
MARK = re.compile(r"(?P<indent>\s*)(?P<comment>#|//) checkpoint (?P<number>\d+) (?P<word>begin: |starter:|end$)(?P<text>.*)")


class Exercise:
    """The exercise of the step of this full name, "01_tcp_echo"."""

    def __init__(self, step):
        self.step = step
        self.folder = LAB / "exercises" / step
        #: [{"name": "…", "cases": ["…"]}], the gate first.
        self.checkpoints = tomllib.loads((self.folder / "checkpoints.toml").read_text("utf-8"))["checkpoint"]
        #: {title of a case: the third stage of its hint, nearly the line}
        self.hints = tomllib.loads((self.folder / "hints.toml").read_text("utf-8"))

    def languages(self):
        """The languages that there is a program in."""
        return [name for name in SUFFIXES if self.source(name).exists()]

    def source(self, language):
        """Where the program is from which starter and solution are made."""
        return self.folder / ("program" + SUFFIXES[language])

    def given(self, language):
        """The headers that the program includes, and those that they include: {name: text}."""
        found = {}
        texts = [self.source(language).read_text("utf-8")] if language == "cpp" else []
        while texts:
            for name in INCLUDE.findall(texts.pop()):
                if name not in found:
                    found[name] = (LAB / "exercises" / "given" / name).read_text("utf-8")
                    texts.append(found[name])
        return found

    def libraries(self, language):
        """The libraries that the program is linked with, besides the system's own: "websockets"."""
        texts = [self.source(language).read_text("utf-8"), *self.given(language).values()]
        return ["websockets"] if any("<libwebsockets.h>" in text for text in texts) else []

    def note_passed(self, build=BUILD):
        """Somebody has passed `basic` of this step here: the solution is no secret any more."""
        # Where we may not write, it stays a secret.
        with contextlib.suppress(OSError):
            (pathlib.Path(build) / "passed").mkdir(exist_ok=True)
            (pathlib.Path(build) / "passed" / self.step).touch()

    def is_passed(self):
        """Whether note_passed() was called for the lab's build directory, LAB_BUILD or build."""
        return (BUILD / "passed" / self.step).exists()

    def render(self, language, done=None):
        """The program with the regions up to checkpoint `done`, and a TODO at each of the others.
        Without `done`, the solution. Raises ValueError if marks are not in pairs."""
        done = len(self.checkpoints) if done is None else done
        return render(self.source(language).read_text("utf-8"), done)


def render(source, done):
    """`source` with the regions up to checkpoint `done`, and a TODO at each of the others."""
    lines = []
    begun = None  # the number of the region that we are in
    in_starter = False
    for line in source.splitlines():
        mark = MARK.fullmatch(line)
        if not mark:
            if in_starter and begun > done:
                lines.append(uncommented(line))
            elif not in_starter and (begun is None or begun <= done):
                lines.append(line)
            continue
        number, word = int(mark["number"]), mark["word"]
        if word == "begin: ":
            if begun is not None:
                raise ValueError(f"checkpoint {number} begins inside of checkpoint {begun}")
            begun = number
            what = "" if number <= done else "TODO "
            lines.append(f"{mark['indent']}{mark['comment']} {what}checkpoint {number}: {mark['text']}")
        elif begun != number:
            raise ValueError(f"checkpoint {number} has no beginning here: {line.strip()}")
        else:
            in_starter = word == "starter:"
            begun = number if in_starter else None
    if begun is not None:
        raise ValueError(f"checkpoint {begun} has no end")
    return "\n".join(lines) + "\n"


def uncommented(line):
    """A line that only a starter has, without the mark of a comment before it."""
    return re.sub(r"^(\s*)(# ?|// ?)", r"\1", line)
