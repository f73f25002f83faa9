"""What one grading run found: the record from which every format of results is written.

It is a plain value. `--results json:FILE` writes it as it is, so its fields are the documentation of
that format too.
"""
import dataclasses
import os
import tomllib
import unicodedata

PASSED, FAILED, UNSTABLE, SKIPPED, WAITS = "passed", "failed", "unstable", "skipped", "waits"
LEVELS = ("basic", "robust", "full")
#: The marks of a course that has none of its own.
MARKS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "marks.toml")
MAX_TEXT, MAX_LINE = 20000, 500  # characters that results show
DETAILS = ("full", "actual-only", "none")


@dataclasses.dataclass
class Case:
    """One case. `waits`: it was not run, because something before it has to work first."""

    title: str
    level: str  # basic, robust, full
    checkpoint: str  # of `basic`; else the role
    role: str  # server or client: which program of the student's it is about
    state: str  # passed, failed, unstable (it failed in some runs only), skipped, waits
    seconds: float = 0.0
    brief: str = ""  # in one line, why it has not passed
    text: str = ""  # the same at length: transcript, hint, the line that repeats it
    hint: str = ""  # where to look
    points: float = 0.0
    max_points: float = 0.0
    hidden: bool = False

    def counts(self):
        """Whether it is a part of the mark: what could not be run costs none."""
        return self.state != SKIPPED


@dataclasses.dataclass
class Record:
    """One program, graded. There is a mark only if `fault` is empty."""

    step: str
    target: str
    begun: str = ""  # YYYY-MM-DDTHH:MM:SSZ
    seconds: float = 0.0
    trouble: str = ""  # why the program does not start: the student's to mend
    fault: str = ""  # why the grader could not grade: never the student's
    cases: list = dataclasses.field(default_factory=list)

    @property
    def max_score(self):
        return round(sum(case.max_points for case in self.cases), 2)

    @property
    def score(self):
        """Points, or None where the grader could not grade: that is no zero."""
        return None if self.fault else round(sum(case.points for case in self.cases), 2)

    @property
    def counted(self):
        return [case for case in self.cases if case.counts()]

    @property
    def passed(self):
        return [case for case in self.cases if case.state == PASSED]

    @property
    def checkpoints(self):
        """How many checkpoints of `basic` have passed whole: "2 of 5"."""
        states = {}
        for case in self.counted:
            if case.level == "basic":
                states[case.checkpoint] = states.get(case.checkpoint, True) and case.state == PASSED
        return f"{sum(states.values())} of {len(states)}"

    @property
    def first_bad(self):
        """The case that matters next, or None."""
        bad = [case for case in self.counted if case.state != PASSED]
        failed = [case for case in bad if case.state != WAITS]
        return (failed or bad or [None])[0]

    @property
    def level(self):
        """The highest level of which, and of all before it, every case has passed; "" for none."""
        reached = ""
        for level in LEVELS:
            cases = [case for case in self.counted if case.level == level]
            if not cases or any(case.state != PASSED for case in cases):
                break
            reached = level
        return reached

    def summary(self):
        """One sentence for a person."""
        if self.fault:
            return f"The grader could not grade: {self.fault}. This is no mark."
        if self.trouble:
            return self.trouble
        return f"{len(self.passed)} of {len(self.counted)} cases have passed."

    def as_dict(self):
        return {"schema": "lab/result/v1", **dataclasses.asdict(self), "score": self.score, "max_score": self.max_score,
                "level": self.level}

    @staticmethod
    def from_dict(value):
        """The record that as_dict() has made. Raises TypeError or ValueError for anything else."""
        fields = {field.name: value[field.name] for field in dataclasses.fields(Record) if field.name in value}
        return Record(**{**fields, "cases": [Case(**case) for case in value["cases"]]})


def read_marks(path):
    """The marks in a file as tools/marks.toml. Raises ValueError, which says what is wrong."""
    with open(path, "rb") as file:
        marks = tomllib.load(file)
    for name in ("levels", "checkpoints", "cases"):
        for key, value in marks.setdefault(name, {}).items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e6:
                raise ValueError(f"{path}: {name}: {key}: {value!r} is no weight")
    unknown = set(marks["levels"]) - set(LEVELS)
    if unknown:
        raise ValueError(f"{path}: there is no level {', '.join(sorted(unknown))}")
    hidden = marks.setdefault("hidden", {})
    hidden.setdefault("levels", [])
    hidden.setdefault("cases", [])
    return marks


def give_marks(record, marks):
    """Shares the points of each level out among its cases, and hides what is to be hidden."""
    for level in LEVELS:
        cases = [case for case in record.cases if case.level == level]
        weights = [weight(case, cases, marks) if case.counts() else 0.0 for case in cases]
        points = marks["levels"].get(level, 0)
        for case, part in zip(cases, weights):
            case.max_points = points * part / sum(weights) if part else 0.0
            case.points = case.max_points if case.state == PASSED else 0.0
            case.hidden = level in marks["hidden"]["levels"] or case.title in marks["hidden"]["cases"]


def weight(case, cases, marks):
    """How much the case weighs within its level."""
    if case.title in marks["cases"]:
        return float(marks["cases"][case.title])
    if case.checkpoint in marks["checkpoints"]:
        siblings = [other for other in cases if other.checkpoint == case.checkpoint and other.counts()]
        return marks["checkpoints"][case.checkpoint] / len(siblings)
    return 1.0


def hide(record, details):
    """Leaves out of hidden cases what `details` says: "full" shows all, "actual-only" only what came, "none" nothing."""
    for case in record.cases:
        if case.hidden and details != "full":
            shown = [line for line in case.text.splitlines() if line.startswith("came ")] if details == "actual-only" else []
            case.text, case.hint = "\n".join(shown), ""
            case.brief = " ".join(shown)


def cleaned(record):
    """A copy of the record in which all text is safe to show: no control characters, whole UTF-8, of bounded length."""
    def lines(text, most=MAX_TEXT):
        return clean(clipped(text, most)).strip("\n")

    def line(text):
        return " ".join(lines(text, MAX_LINE).split())

    cases = [dataclasses.replace(case, title=line(case.title), checkpoint=line(case.checkpoint), brief=line(case.brief),
                                 text=lines(case.text), hint=line(case.hint)) for case in record.cases]
    return dataclasses.replace(record, target=line(record.target), trouble=line(record.trouble), fault=line(record.fault), cases=cases)


def clean(text):
    """The text without anything that could move a cursor, break a format or be no UTF-8: such things as \\xNN.

    Line ends and tabs stay.
    """
    pieces = []
    for letter in text:
        if letter in "\n\t" or (unicodedata.category(letter)[0] != "C" and letter not in "\u2028\u2029"):
            pieces.append(letter)
        elif "\udc80" <= letter <= "\udcff":  # a byte that was no UTF-8, as `surrogateescape` reads it
            pieces.append(f"\\x{ord(letter) - 0xDC00:02x}")
        else:
            pieces.append("".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass")))
    return "".join(pieces)


def clipped(text, most):
    """The text in at most so many characters; an ellipsis says that there is more."""
    return text if len(text) <= most else text[:most - 1] + "…"
