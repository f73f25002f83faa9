"""What a person reads: where the program stands, and the one case that matters next."""
import os
import sys
import textwrap

import transcript as steps
from record import FAILED, PASSED, SKIPPED, UNSTABLE, WAITS

WIDTH = 100
MARKS = {PASSED: "✓", FAILED: "✗", UNSTABLE: "~", SKIPPED: "-", WAITS: "·"}


class Style:
    """Colours on a terminal, nothing elsewhere."""

    def __init__(self):
        plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR")
        codes = {"bold": 1, "dim": 2, "red": 31, "green": 32}
        self.codes = {name: "" if plain else f"\033[{code}m" for name, code in codes.items()}
        self.end = "" if plain else "\033[0m"

    def __call__(self, name, text):
        return f"{self.codes[name]}{text}{self.end}"


STYLE = Style()


def checkpoint_row(number, name, states, width):
    """One checkpoint: its mark, its name in `width` columns, and how many of its cases have passed."""
    passed = states.count(PASSED)
    counted = len(states) - states.count(SKIPPED)
    if any(state in (FAILED, UNSTABLE) for state in states):
        mark, style = MARKS[FAILED], "red"
    elif WAITS in states:
        mark, style = MARKS[WAITS], "dim"
    else:
        mark, style = MARKS[PASSED], "green"
    return STYLE(style, f"  {mark} {number:2}. {name:<{width}}  {passed} of {counted}")


def wrapped(label, text):
    """A labelled text of one or more lines."""
    return textwrap.fill(text, WIDTH, initial_indent=f"{label:<10}", subsequent_indent=" " * 10,
                         break_long_words=False, break_on_hyphens=False)


def failure(case, result, stage, near):
    """The report of one case that has failed: steps, what was expected, what came, a hint, and how to repeat it."""
    transcript = result.transcript
    lines = [STYLE("bold", f"Next: {case.title}")]
    lines += steps.rows(transcript)
    wanted, came = transcript.failure.get("expected bytes"), transcript.failure.get("got bytes")
    if wanted is not None and came is not None:
        lines += steps.first_difference(wanted, came)
        behind = transcript.said("got").partition(", and then ")[2]
        if behind:
            lines.append(wrapped("then", behind))
    elif transcript.failure:
        lines += [wrapped("expected", transcript.said("expected")), wrapped("came", transcript.said("got"))]
    if result.reason:
        lines.append(wrapped("because", result.reason))
    said = last_words(transcript)
    if said:
        lines.append(wrapped("stderr", said))
    lines += hints(transcript.said("hint"), stage, near)
    line = steps.by_hand(transcript)
    if line:
        lines.append(f"{'by hand':<10}{line}")
    return lines


def last_words(transcript):
    """The last line that a program of the student's has printed on stderr."""
    said = b"".join(step.data for step in transcript.steps if step.action == "prints on stderr")
    lines = [line for line in said.decode("utf-8", errors="replace").splitlines() if line.strip()]
    return steps.visible(lines[-1].encode())[1:-1] if lines else ""


def hints(where, stage, near):
    """The hint in stages: the symptom stands above; then where to look; then nearly the line."""
    lines = []
    if stage >= 2 and where:
        lines.append(wrapped("hint", where))
    if stage >= 3 and near:
        lines.append(wrapped("nearly", near))
    more = (stage < 2 and where) or (stage < 3 and near)
    if more:
        lines.append(f"{'hint':<10}--hint shows {'where to look' if stage < 2 else 'nearly the line'}")
    return lines
