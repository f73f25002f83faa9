"""A page of the lessons: its command blocks, what they show, and how that is compared and updated.

What varies from run to run is marked on the page:

    ‹55146›        anything without a line end; a number, if it is one on the page
    ‹0.17   49.1›  as many numbers, two spaces or more apart: a row of a table
    …              a line that is only this stands for any number of lines
"""
import re

NEEDS = re.compile(r"<!-- needs: (.+) -->$")
VARIES = re.compile(r"‹([^‹›]*)›")
NUMBER = r" *-?\d+(?: \d{3})*(?:[.,]\d+)*"  # also 49 767
NUMBERS = rf"{NUMBER}(?:  {NUMBER})*"
ANY_LINES = "…"


class Command:
    """One `$ ` line: where it stands on the page, what is run, and the lines shown below it."""

    def __init__(self, at, text):
        self.at = at
        self.text = text
        self.shown = []


class Block:
    """One console block: where it begins, what it needs to be there, and its commands."""

    def __init__(self, at, needs):
        self.at = at
        self.needs = needs
        self.commands = []


def parse(lines):
    """The console blocks among the lines of a page."""
    blocks = []
    block = None
    for at, line in enumerate(lines):
        if line == "```console":
            needs = NEEDS.match(lines[at - 1]) if at else None
            block = Block(at, re.split(r", *", needs.group(1)) if needs else [])
            blocks.append(block)
        elif line == "```":
            block = None
        elif block and line.startswith("$ "):
            block.commands.append(Command(at, line[2:]))
        elif block and block.commands:
            block.commands[-1].shown.append(line)
    return blocks


# --- comparing ------------------------------------------------------------------------------------


def pattern(line):
    """The regular expression of one line as the page shows it."""
    if line == ANY_LINES:
        return r"(?:[^\n]*\n)*?"
    parts = VARIES.split(line)
    for at, part in enumerate(parts):
        varies = at % 2 == 1
        if not varies:
            parts[at] = re.escape(part)
        else:
            numbers = re.split("  +", part.lstrip()) if re.fullmatch(NUMBERS, part) else []
            parts[at] = "  ".join([NUMBER] * len(numbers)) or r"[^\n]*"
    return "".join(parts) + r"\n"


def fits(shown, lines):
    """Whether the lines that came are what the page shows."""
    expression = "".join(pattern(line) for line in shown)
    return re.fullmatch(expression, "".join(line + "\n" for line in lines)) is not None


def merge(shown, lines):
    """What the page should show now that these lines came. Lines that fit stay as they are."""
    if fits(shown, lines):
        return shown
    merged = []
    at = 0
    came = 0
    while came < len(lines):
        if shown[at:] == [ANY_LINES]:
            return merged + [ANY_LINES]
        if shown[at : at + 1] == [ANY_LINES]:
            rest = [number for number in range(came, len(lines)) if fits(shown[at + 1 : at + 2], [lines[number]])]
            if rest:
                merged.append(ANY_LINES)
                came = rest[0]
            at += 1
            continue
        same = [number for number in range(at, len(shown))
                if shown[number] != ANY_LINES and fits([shown[number]], [lines[came]])]
        merged.append(shown[same[0]] if same else mark(lines[came]))
        at = same[0] + 1 if same else at
        came += 1
    return merged


# --- marking what is known to vary ----------------------------------------------------------------

# Each group is what varies. Ports of 12xxx and 13xxx are the page's own: see shell.py.
KNOWN_TO_VARY = [re.compile(expression) for expression in (
    r"(?:127\.0\.0\.1|\[::1\])[:.](?!1[23]\d{3}\b)(\d{5})\b",  # a client's port
    r"127\.0\.0\.1', (\d{5})\)",
    r"htons\((?!1[23]\d{3}\b)(\d{5})\)",
    r"\b[Pp][Ii][Dd][ :=]+(\d+)\b",
    r"\b(0x[0-9a-f]{8,})\b",  # a pointer in a trace
    r"^(?:real|user|sys)\t(\d+m[\d.,]+s)",
    r"^Vm\w+:\t( *\d+) kB",
    r"\bepoch(?:=|\":\")([0-9a-f]{16})\b",  # random, in 07
    r"\bIdempotency-Key: ([0-9a-f]{32})\b",
    r" after ([\d.]+) s$",
    r"\bcurl/([\d.]+)",
    r"(/tmp/lab-[\w.-]+)/",  # the folder of one's own
    r"\btime=([\d.]+) ms",
    r"^rtt min/avg/max/mdev = ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms",
    r"^( *\d+\.\d\d +\d+\.\d{6} +\d+) +\d+ ",  # strace -c: share, seconds, microseconds a call
    r"\bSec-WebSocket-(?:Key|Accept): ([\w+/]{22,27}=+)",
    r"^    [0-9a-f]{2} {2,}[89a-e][0-9a-f] {2,}((?:[0-9a-f]{2} ){3}[0-9a-f]{2})\b(?:  (.*))?",  # masking key, payload
    r"^    [0-9a-f]{2} {2,}f[0-9a-d] {2,}((?:[0-9a-f]{2} ){3}[0-9a-f]{2})\b(?:  (.*))?",
    r"^    [0-9a-f]{2} {2,}f[ef] {2,}[0-9a-f ]+?  ((?:[0-9a-f]{2} ){3}[0-9a-f]{2})  (.*)",
)]


def mark(line):
    """The line with what is known to vary in ‹›."""
    spans = set()
    for expression in KNOWN_TO_VARY:
        for found in expression.finditer(line):
            spans.update(span for span in found.regs[1:] if span[0] < span[1])
    for begin, end in sorted(spans, reverse=True):
        line = line[:begin] + "‹" + line[begin:end] + "›" + line[end:]
    return line


def updated(lines, came):
    """The page's lines with what came in place of what was shown; `came` has (command, lines)."""
    result = list(lines)
    for command, output in sorted(came, key=lambda pair: -pair[0].at):
        begin = command.at + 1
        result[begin : begin + len(command.shown)] = merge(command.shown, output)
    return result
