"""How long a page takes to read, and whether the lessons' README says so."""
import os
import re

WORDS_A_MINUTE = 110  # technical English, read with care by somebody whose first language is another one
COMMANDS_A_MINUTE = 2
STEP = 5  # minutes; the README rounds to this, or each new sentence would change it
PRINTED = re.compile(r"(\d+) min")


def minutes(lines, commands):
    """The reading time of a page: its words outside code blocks and its commands, to the nearest STEP."""
    words = 0
    fenced = False
    for line in lines:
        if re.match(r" *(?:```|~~~)", line):
            fenced = not fenced
        elif not fenced and not line.startswith("<!--"):
            words += sum(1 for word in line.split() if re.search(r"\w", word))
    exact = words / WORDS_A_MINUTE + commands / COMMANDS_A_MINUTE
    return max(STEP, STEP * round(exact / STEP))


def faults(lines, commands, path):
    """A sentence for each row of the README beside `path` that prints another time for this page."""
    readme = os.path.join(os.path.dirname(path), "README.md")
    if not os.path.exists(readme):
        return
    right = minutes(lines, commands)
    with open(readme, encoding="utf-8") as file:
        rows = [line.split("|") for line in file if line.startswith("|") and f"]({os.path.basename(path)})" in line]
    for cells in rows:
        printed = [int(found[1]) for cell in cells if (found := PRINTED.fullmatch(cell.strip()))]
        if printed and printed[0] != right:
            yield f"the reading time is {right} min, and README.md says {printed[0]} min"
