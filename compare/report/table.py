"""Tables in a terminal, for text without wide or combining characters."""
import itertools

GAP = 2
#: The width of 0.123: tables of the same columns look alike, whatever was measured.
MIN_WIDTH = 5


def table(columns, rows, before="", after=""):
    """The lines of a table, each with its end, and `before` and `after` around the headings.

    A column is a heading, which may have several lines, and a group: neighbours of the same group have its name above
    them. A row is a list of cells, one for each column, or fewer: the last cell then goes on to the right.
    """
    headings = [heading.split("\n") for heading, _ in columns]
    widths = [_width(at, heading, rows, len(columns)) for at, heading in enumerate(headings)]
    lines = []
    if any(group for _, group in columns):
        lines.append(_group_line([group for _, group in columns], widths))
    # All headings end on the same line.
    height = max(map(len, headings))
    for level in range(height, 0, -1):
        lines.append(_line([heading[-level] if level <= len(heading) else "" for heading in headings], widths))
    return before + "".join(lines) + after + "".join(_line(cells, widths) for cells in rows)


def _width(at, heading, rows, count):
    cells = [cells[at] for cells in rows if len(cells) == count or at + 1 < len(cells)]
    return max([MIN_WIDTH if at else 0, *map(len, heading), *map(len, cells)])


def _line(cells, widths):
    """`cells` side by side: the first is aligned left, the others right, the last one of a short row not at all."""
    padded = [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(zip(cells, widths))]
    if len(cells) < len(widths):
        padded[-1] = cells[-1]
    return (" " * GAP).join(padded).rstrip(" ") + "\n"


def _group_line(groups, widths):
    """The line above the headings: each group's name over its columns."""
    names, spans = [], []
    # A column without a group stands alone.
    keys = [group or at for at, group in enumerate(groups)]
    for _, columns in itertools.groupby(range(len(groups)), key=lambda at: keys[at]):
        columns = list(columns)
        spans.append(sum(widths[at] for at in columns) + GAP * (len(columns) - 1))
        names.append(_ruled(groups[columns[0]], spans[-1]))
    return _line(names, spans)


def _ruled(name, width):
    """`name` in the middle of a rule, if there is room for one."""
    rest = width - len(name) - 2
    if not name or rest <= 0:
        return name
    return "─" * (rest // 2) + f" {name} " + "─" * (rest - rest // 2)
