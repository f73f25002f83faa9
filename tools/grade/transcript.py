"""What a case did, step by step, as tests/support/transcript.cpp notes it; shown, and repeated by hand."""
import os
import re

MAX_SHOWN = 60  # characters of the bytes in one line
MAX_STEPS = 12  # steps that are shown: the first and the last ones
QUIET = {"prints on stderr"}  # shown below the steps, not among them


class Step:
    def __init__(self, seconds, actor, action, size, data):
        self.seconds = seconds
        self.actor = actor
        self.action = action
        self.size = size  # bytes of the step; `data` may hold fewer
        self.data = data


class Transcript:
    """The steps of one case, and what it says of its failure."""

    def __init__(self, steps=()):
        self.steps = [step for step in steps if step.actor != "case"]
        # A case fails once; what is noted last is the failure that ended it.
        self.failure = {step.action: step.data for step in steps if step.actor == "case"}

    @staticmethod
    def read(path):
        """The transcript in a file; an empty one where there is none."""
        if not os.path.exists(path):
            return Transcript()
        with open(path, encoding="ascii", errors="replace") as file:
            return Transcript(list(filter(None, map(parse, file))))

    def said(self, action):
        """A text of the failure: expected, got, hint."""
        return self.failure.get(action, b"").decode("utf-8", errors="replace")

    def end_of(self, actor):
        """The exit status of a program; None while it runs, or if a signal has ended it."""
        ends = [step.data for step in self.steps if step.actor == actor and step.action == "ends with status"]
        return ends[0] if ends else None

    def server(self):
        """The host and port that the student's server has said; None if it has not."""
        for step in self.steps:
            found = re.match(rb"listening on (.*):(\d+)\n", step.data)
            if step.action == "prints" and found:
                return found.group(1).decode(errors="replace").strip("[]"), found.group(2).decode()
        return None


def parse(line):
    fields = line.rstrip("\n").split("\t")
    try:
        size, _, digits = fields[3].partition(":")
        return Step(float(fields[0]), fields[1], fields[2], int(size), bytes.fromhex(digits))
    except (IndexError, ValueError):
        return None  # the case was killed in the middle of a line


# --- bytes, as text -------------------------------------------------------------------------------

ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"'}


def escaped(data):
    """One piece of text for each byte or whole character, in which no control character is left."""
    pieces = []
    at = 0
    while at < len(data):
        width = 1 if data[at] < 0x80 else 2 if data[at] < 0xE0 else 3 if data[at] < 0xF0 else 4
        try:
            letter = data[at:at + width].decode()
        except UnicodeDecodeError:
            letter, width = "", 1
        if letter in ESCAPES:
            pieces.append((width, ESCAPES[letter]))
        elif letter.isprintable() and letter:
            pieces.append((width, letter))
        else:
            width = 1 if width == 1 or not letter else width
            pieces.append((width, "".join(f"\\x{byte:02x}" for byte in data[at:at + width])))
        at += width
    return pieces


def visible(data, size=None, most=MAX_SHOWN):
    """The bytes in quotes, cut where they are long; `size` is how many there are in all."""
    size = len(data) if size is None else size
    text = ""
    shown = 0
    for width, piece in escaped(data):
        if len(text) + len(piece) > most:
            break
        text += piece
        shown += width
    return f'"{text}"' + ("…" if shown < size else "")


def count(size):
    return "1 byte" if size == 1 else f"{size} bytes"


def first_difference(expected, got):
    """Two lines with the bytes that should have come and those that came, and a caret under the first wrong one."""
    same = os.path.commonprefix([expected, got])
    begin = max(0, len(same) - 24)
    # A character must not be cut in two at the beginning.
    while begin > 0 and begin < len(expected) and expected[begin] & 0xC0 == 0x80:
        begin -= 1
    lead = "…" if begin else ""
    column = len(lead) + 1 + sum(len(piece) for _, piece in escaped(same[begin:]))
    rows = []
    for name, data in (("expected", expected), ("came", got)):
        rows.append(f"{name:<9}{count(len(data)):>10}  {lead}{visible(data[begin:])}")
    return rows + [" " * (9 + 10 + 2 + column) + "^ " + f"byte {len(same) + 1}"]


# --- steps, as text -------------------------------------------------------------------------------

ARROWS = {"sends": "→", "receives": "←"}


def merged(steps):
    """The steps, with what one actor received or printed in several pieces as one step."""
    result = []
    for step in steps:
        last = result[-1] if result else None
        if last and step.action in ("receives", "prints") and (last.actor, last.action) == (step.actor, step.action):
            result[-1] = Step(last.seconds, last.actor, last.action, last.size + step.size, last.data + step.data)
        else:
            result.append(step)
    return result


def row(number, step):
    what = ARROWS.get(step.action, step.action)
    text = f"{number:3}  {step.seconds:6.2f} s  {step.actor} {what}"
    if step.action in ARROWS:
        text += f" {count(step.size)}"
    if step.action == "starts" or step.action.startswith(("ends", "is sent", "is ended by signal", "fails")):
        return text + " " + step.data.decode("utf-8", errors="replace")
    return text + (" " + visible(step.data, step.size) if step.size else "")


def rows(transcript, most=MAX_STEPS):
    """The steps of the case up to its failure, a line each."""
    steps = [step for step in merged(transcript.steps) if step.action not in QUIET]
    # What the case does to clean up behind its failure says nothing about it.
    while steps and steps[-1].action == "is ended by signal" and steps[-1].data == b"9":
        steps.pop()
    lines = [row(number, step) for number, step in enumerate(steps, 1)]
    if len(lines) > most:
        head = most // 2
        lines[head:len(lines) - (most - head - 1)] = [f"     … {len(lines) - most + 1} more steps"]
    return lines


# --- by hand --------------------------------------------------------------------------------------


def printf(data):
    """An argument of bash's printf that prints these bytes."""
    text = ""
    for byte in data:
        letter = chr(byte)
        if letter in "\n\r\t":
            text += {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[letter]
        elif letter in "\\":
            text += "\\\\"
        elif letter == "%":
            text += "%%"
        elif letter == "'":
            text += "\\x27"
        elif 0x20 <= byte < 0x7F:
            text += letter
        else:
            text += f"\\x{byte:02x}"
    return f"'{text}'"


def by_hand(transcript, most=200):
    """A line for bash that sends what the case sent, to a server on $port; None where that is no line to type."""
    server = transcript.server()
    actors = [step.actor for step in transcript.steps if step.action == "sends"]
    if not server or not actors or len(set(actors)) != 1:
        return None
    datagrams = actors[0].startswith("socket")
    sent = [step for step in transcript.steps if step.action == "sends"]
    if any(step.size != len(step.data) for step in sent) or (datagrams and len(sent) > 1):
        return None
    words = printf(b"".join(step.data for step in sent))
    if len(words) > most:
        return None
    if datagrams:
        return f"printf {words} | nc -u -w 1 127.0.0.1 {server[1]}"
    half_closes = any(step.action == "half-closes" for step in transcript.steps)
    # Without -N, nc keeps its half of the connection open until the server has closed the other one.
    return f"printf {words} | nc {'-N ' if half_closes else '-w 2 '}127.0.0.1 {server[1]}"
