"""`--results FORMAT:FILE`: the formats by name, and the file, which is there whatever happens."""
import os
import tempfile

import platforms
import report_formats as reports
from record import cleaned

#: Formats for one program alone.
OF_ONE = {"gradescope": platforms.gradescope, "classroom50": platforms.classroom50, "prairielearn": platforms.prairielearn,
          "exercism": platforms.exercism, "vpl": platforms.vpl}
#: Formats for one program or a class.
OF_MANY = {"junit": reports.junit, "ctrf": reports.ctrf, "tap": reports.tap, "csv": reports.table, "json": reports.as_json}
FORMATS = (*OF_ONE, *OF_MANY)


def wanted(word):
    """("FORMAT", "FILE") of one argument. Raises ValueError."""
    name, colon, path = word.partition(":")
    if name not in FORMATS or not colon or not path:
        raise ValueError(f"{word}: write FORMAT:FILE; formats are {', '.join(FORMATS)}")
    return name, path


def render(name, records):
    """The text of a format. Raises ValueError where the format is for one program and there are more."""
    records = [cleaned(record) for record in records]
    if name in OF_MANY:
        return OF_MANY[name](records)
    if len(records) != 1:
        raise ValueError(f"{name} is for one program, and there are {len(records)}")
    return OF_ONE[name](records[0])


def write(name, path, records):
    """Writes the file, whole or not at all; "-" is stdout."""
    text = render(name, records)
    if path == "-":
        print(text, end="", flush=True)
        return
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8", newline="", delete=False) as file:
        file.write(text)
    # NamedTemporaryFile lets only us read it.
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
