"""The figures of `lab compare` as a picture in SVG, dark on white, on any page. Source: W3C, Scalable Vector Graphics 1.1."""
import html
import math

from figures import description, three_figures
from tables import BYTE_KINDS, bytes_of, per_delivery

#: Eight colours that can be told apart, by people who see fewer colours too: Okabe and Ito, Color Universal Design
#: (2008), but black in place of yellow, and brown.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#56b4e9", "#e69f00", "#8c510a")
WIDTH = 1000
MARGIN = 40
#: Of both plots: the titles of transports are left of it.
LEFT, RIGHT = 190, 950
DELAYS_TOP, DELAYS_BOTTOM = 120, 440
BYTES_TOP, BAR_STEP, BAR_HEIGHT = 660, 34, 22
#: Bytes of a delivery: what a part of a bar is, and its colour.
PARTS = (("what people say", "#0072b2"), ("framing", "#e69f00"), ("headers of HTTP", "#d55e00"),
         ("TCP and IP (estimated)", "#bbbbbb"))


class Svg:
    """A picture that is drawn from back to front."""

    def __init__(self, width, height, title):
        """`title` is for people to whom the picture is read."""
        self.picture = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}" height="{height:.1f}"'
                        f' viewBox="0 0 {width:g} {height:g}" role="img"'
                        ' font-family="system-ui, \'DejaVu Sans\', Arial, sans-serif">\n'
                        f"<title>{html.escape(title)}</title>\n")
        self.box(0, 0, width, height, "white")

    def line(self, points, colour, width):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.picture += (f'<polyline fill="none" stroke-linejoin="round" stroke="{colour}" stroke-width="{width:.1f}"'
                         f' points="{places}"/>\n')

    def box(self, x, y, width, height, colour):
        self.picture += f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>\n'

    def text(self, x, y, text, size=14, bold=False, anchor="start"):
        """`anchor`: the part of the text that is at its point: start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self.picture += (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" text-anchor="{anchor}"{weight}'
                         f' fill="#222222">{html.escape(text)}</text>\n')

    def finish(self):
        return self.picture + "</svg>\n"


class Axis:
    """A logarithmic axis of milliseconds, over whole decades, first to last: powers of ten."""

    def __init__(self, rows):
        curves = [row["delay_curve"] for row in rows]
        # A figure below a microsecond says nothing.
        least = max(0.001, min(curve[0][1] for curve in curves))
        self.first = math.floor(math.log10(least))
        self.last = max(self.first + 1, math.ceil(math.log10(max(curve[-1][1] for curve in curves))))

    def x(self, milliseconds):
        decades = math.log10(max(milliseconds, 10.0**self.first)) - self.first
        return LEFT + (RIGHT - LEFT) * decades / (self.last - self.first)


def y(part):
    return DELAYS_BOTTOM - (DELAYS_BOTTOM - DELAYS_TOP) * part


def draw_axes(svg, axis):
    for percent in (0, 25, 50, 75, 100):
        height = y(percent / 100)
        svg.line([(LEFT, height), (RIGHT, height)], "#dddddd", 1)
        svg.text(LEFT - 8, height + 5, f"{percent} %", anchor="end")

    def draw_upright(value, colour):
        svg.line([(axis.x(value), DELAYS_TOP), (axis.x(value), DELAYS_BOTTOM)], colour, 1)

    for decade in range(axis.first, axis.last + 1):
        value = 10.0**decade
        draw_upright(value, "#bbbbbb")
        label = f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"
        svg.text(axis.x(value), DELAYS_BOTTOM + 20, label, anchor="middle")
        for i in range(2, 10 if decade < axis.last else 2):
            draw_upright(i * value, "#eeeeee")
    svg.text((LEFT + RIGHT) / 2, DELAYS_BOTTOM + 44,
             "delay from when it was due to be said (from one dark line to the next, ten times as long)", anchor="middle")


def draw_delays(svg, rows):
    svg.text(MARGIN, DELAYS_TOP - 34, "Delay of a message: how many are heard by then", 18, bold=True)
    axis = Axis(rows)
    draw_axes(svg, axis)
    for i, row in enumerate(rows):
        colour = COLOURS[i % len(COLOURS)]
        # From nobody up to everybody.
        points = [(0, row["delay_curve"][0][1]), *row["delay_curve"]]
        svg.line([(axis.x(delay), y(part)) for part, delay in points], colour, 2.5)
        left, top = MARGIN + i % 4 * 240, DELAYS_BOTTOM + 72 + i // 4 * 24
        svg.line([(left, top - 5), (left + 24, top - 5)], colour, 4)
        svg.text(left + 32, top, row["title"])


def parts_of(row):
    """Bytes per delivery, both ways, for each of PARTS."""
    return [*(bytes_of(row, (kind,)) for kind in BYTE_KINDS), per_delivery(row, row["tcp_ip_bytes_estimated"])]


def draw_bytes(svg, rows):
    svg.text(MARGIN, BYTES_TOP - 58, "What a delivery weighs: bytes both ways, by kind", 18, bold=True)
    for i, (title, colour) in enumerate(PARTS):
        svg.box(MARGIN + 200 * i, BYTES_TOP - 38, 16, 16, colour)
        svg.text(MARGIN + 200 * i + 24, BYTES_TOP - 25, title)
    # The sum stands behind the longest bar too.
    scale = (RIGHT - LEFT - 70) / max(1, *(sum(parts_of(row)) for row in rows))
    for i, row in enumerate(rows):
        left, top = LEFT, BYTES_TOP + i * BAR_STEP
        svg.text(LEFT - 8, top + 16, row["title"], anchor="end")
        for part, (_, colour) in zip(parts_of(row), PARTS):
            svg.box(left, top, part * scale, BAR_HEIGHT, colour)
            left += part * scale
        svg.text(left + 8, top + 16, three_figures(sum(parts_of(row))))


def plot(chat):
    """Two plots: the delays as a cumulative distribution over a logarithmic axis, and the bytes of a delivery."""
    rows = [row for row in chat["rows"] if "fault" not in row and row["delay_ms"]]
    svg = Svg(WIDTH, BYTES_TOP + len(rows) * BAR_STEP + 30, "One chat over each transport: delays, and bytes of a delivery")
    svg.text(MARGIN, 34, "One chat over each transport: " + description(chat), 15)
    # On a line of its own: both together would be wider than the picture.
    if chat["delay_ms"]:
        svg.text(MARGIN, 56, f"The path takes {chat['delay_ms']} ms each way.", 15)
    if not rows:
        svg.text(MARGIN, 80, "There are no figures: something went wrong with every transport.")
        return svg.finish()
    draw_delays(svg, rows)
    draw_bytes(svg, rows)
    return svg.finish()
