#!/usr/bin/env python3
"""Draws the pictures of the lessons that are no ladder of a capture, as SVG on standard output.

    draw.py NAME          one picture: draw.py frame > frame.svg
    draw.py --list        the names

They look like the ladders of `./lab wire FILE --svg OUT`: text is text, and the reader's light or dark scheme
decides about the colours.
"""
import sys
from xml.sax.saxutils import escape

LOOK = """<style>
text { font: 14px system-ui, 'DejaVu Sans', Arial, sans-serif; fill: #1b1f24 }
.back { fill: #ffffff } .box { fill: #eef2f7; stroke: #b8c0ca } .lane { stroke: #b8c0ca }
.one { fill: #cfe3ff; stroke: #0a58ca } .two { fill: #cdeccb; stroke: #1a7f37 } .three { fill: #ffe2b8; stroke: #9a5b00 }
.bad { fill: #f8d0d0; stroke: #c5221f } .none { fill: none; stroke: #b8c0ca; stroke-dasharray: 5 4 }
.name { font-weight: 600 } .small { font-size: 12px; fill: #57606a } .code { font-family: 'DejaVu Sans Mono', monospace; font-size: 13px }
.arrow { stroke: #0a58ca; stroke-width: 2; fill: none } .point { fill: #0a58ca } .dashed { stroke-dasharray: 6 4 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .back { fill: #0d1117 } .box { fill: #1c2430; stroke: #4a5462 } .lane { stroke: #4a5462 }
.one { fill: #123a6b; stroke: #79b8ff } .two { fill: #1d4a22; stroke: #56d364 } .three { fill: #5c3d0b; stroke: #f0b35a }
.bad { fill: #5f1e1e; stroke: #ff7b72 } .none { stroke: #4a5462 } .small { fill: #9aa5b1 }
.arrow { stroke: #79b8ff } .point { fill: #79b8ff }
}
</style>
"""


class Picture:
    """Shapes from back to front; a place is counted from the upper left corner."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.shapes = []

    def text(self, x, y, text, anchor="middle", look=""):
        self.shapes.append(f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{look}">{escape(text)}</text>')

    def box(self, x, y, width, height, *lines, look="box", text_look=""):
        """A box with lines of text in its middle."""
        self.shapes.append(f'<rect class="{look}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/>')
        for i, line in enumerate(lines):
            self.text(x + width / 2, y + height / 2 + 5 + (i - (len(lines) - 1) / 2) * 17, line,
                      look=text_look or ("name" if i == 0 else "small"))

    def line(self, x, y, to_x, to_y, look="lane"):
        self.shapes.append(f'<line class="{look}" x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}"/>')

    def arrow(self, x, y, to_x, to_y, label="", dashed=False, both=False, above=7):
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        along = ((to_x - x) / length, (to_y - y) / length)
        ends = [(to_x, to_y, 1)] + ([(x, y, -1)] if both else [])
        self.line(x + along[0] * 8 * both, y + along[1] * 8 * both, to_x - along[0] * 8, to_y - along[1] * 8,
                  "arrow dashed" if dashed else "arrow")
        for tip_x, tip_y, sign in ends:
            base = (tip_x - sign * along[0] * 11, tip_y - sign * along[1] * 11)
            self.shapes.append(
                f'<path class="point" d="M{tip_x:.1f} {tip_y:.1f} L{base[0] - along[1] * 5:.1f} {base[1] + along[0] * 5:.1f} '
                f'L{base[0] + along[1] * 5:.1f} {base[1] - along[0] * 5:.1f} z"/>')
        if label:
            self.text((x + to_x) / 2, (y + to_y) / 2 - above, label)

    def svg(self):
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}"'
        return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">\n'
                f'<title id="title">{escape(self.title)}</title>\n{LOOK}'
                f'<rect class="back" width="{self.width}" height="{self.height}"/>\n' + "\n".join(self.shapes) + "\n</svg>\n")


def socket_calls():
    """01: which call of a program makes which packet."""
    p = Picture(800, 430, "The socket calls of client and server, and the packets between them")
    client, server = 250, 550
    p.box(client - 60, 8, 120, 30, "client")
    p.box(server - 60, 8, 120, 30, "server")
    p.line(client, 38, client, 390)
    p.line(server, 38, server, 390)
    rows = [
        (60, "socket()", "socket(), bind(), listen()", None),
        (95, "connect() begins", "", ("SYN", 1)),
        (130, "connect() returns", "", ("SYN, ACK", -1)),
        (165, "", "accept() returns", ("ACK", 1)),
        (205, "send(6 bytes)", "recv() = 6", ("6 bytes", 1)),
        (245, "recv() = 6", "send(6 bytes)", ("6 bytes", -1)),
        (285, "shutdown(SHUT_WR)", "recv() = 0", ("FIN", 1)),
        (325, "recv() = 0", "close()", ("FIN", -1)),
        (365, "close()", "accept() waits again", None),
    ]
    for y, left, right, packet in rows:
        p.text(client - 14, y + 5, left, "end", "code")
        p.text(server + 14, y + 5, right, "start", "code")
        if packet:
            ends = (client, server) if packet[1] > 0 else (server, client)
            p.arrow(ends[0], y - 4, ends[1], y + 10, packet[0], above=6)
    p.text(400, 412, "One call is not one packet: send() only hands bytes to the kernel.", look="small")
    return p


def slow_reader():
    """02: where the bytes for a slow reader are."""
    p = Picture(800, 300, "Where bytes for a slow reader wait: the server's queue, the kernel's buffers, the network")
    p.box(10, 110, 120, 60, "Ада", "says lines")
    p.arrow(130, 140, 190, 140)
    p.box(190, 70, 250, 140, look="none")
    p.text(315, 62, "server", look="name")
    p.text(315, 90, "queue for Bob: 1 MiB at most", look="small")
    for i in range(6):
        p.box(205 + i * 37, 105, 33, 60, f"{6 - i}", look="three")
    p.text(315, 190, "grows while Bob does not read", look="small")
    p.arrow(440, 140, 480, 140, "send")
    p.box(480, 105, 90, 60, "send", "buffer", look="one")
    p.arrow(570, 140, 610, 140)
    p.box(610, 105, 90, 60, "receive", "buffer", look="one")
    p.arrow(700, 140, 730, 140, dashed=True)
    p.box(730, 110, 60, 60, "Bob", "sleeps", look="bad")
    p.text(525, 190, "kernel, here", look="small")
    p.text(655, 190, "kernel, there", look="small")
    p.text(400, 245, "Both buffers are full: send() would block, so the lines wait in the queue.")
    p.text(400, 272, "The queue is full: the server cuts Bob off. Nobody else has waited.")
    return p


def frame():
    """04: the bits of a frame's header."""
    p = Picture(800, 330, "The layout of a WebSocket frame, bit by bit, and a masked frame that says Hello")
    left, bit = 40, 22.5
    for i in range(0, 33, 8):
        p.text(left + i * bit, 24, str(i), look="small")
    p.text(left + 32 * bit - 30, 24, "bits", look="small")
    y = 34
    for name, first, count, look in [("FIN", 0, 1, "one"), ("RSV", 1, 3, "box"), ("opcode", 4, 4, "one"), ("M", 8, 1, "two"),
                                     ("length: 0 to 125", 9, 7, "two"), ("length, if that was 126 or 127", 16, 16, "three")]:
        p.box(left + first * bit, y, count * bit, 44, name, look=look, text_look="small" if count < 4 else "name")
    p.box(left, y + 44, 32 * bit, 40, "length, if that was 127: 8 bytes in all", look="three")
    p.box(left, y + 84, 32 * bit, 40, "masking key: 4 bytes, if M is 1 (a client's frame)", look="two")
    p.box(left, y + 124, 32 * bit, 40, "payload: each byte XOR the key's byte of its turn", look="box")
    p.text(left, 232, "RFC 6455, 5.7:", "start", "small")
    for i, (value, look) in enumerate([("81", "one"), ("85", "two"), ("37", "two"), ("fa", "two"), ("21", "two"), ("3d", "two"),
                                       ("7f", "box"), ("9f", "box"), ("4d", "box"), ("51", "box"), ("58", "box")]):
        p.box(160 + i * 52, 212, 46, 32, value, look=look, text_look="code")
    for i, words in [(0, "FIN, text"), (1, "M, 5"), (3.5, "masking key"), (8, "payload, masked")]:
        p.text(183 + i * 52, 262, words, look="small")
    for i, letter in enumerate("Hello"):
        p.text(183 + (6 + i) * 52, 296, letter, look="code")
    p.text(183 + 3.5 * 52, 296, "XOR the key: 7f ^ 37 = 48, H", look="small")
    return p


def log_and_cursors():
    """05: one log that all members read."""
    p = Picture(800, 300, "One log of messages, and a place in it for each member")
    p.text(40, 60, "log", "start", "name")
    names = ["forgotten", "5", "6", "7", "8", "9", "next"]
    for i, name in enumerate(names):
        look = "none" if i in (0, 6) else "one"
        p.box(100 + i * 95, 40, 91, 40, name, look=look)
    for x, name, words, look in [(195, "Bob", "is slow: lacks 5 to 9", "three"), (480, "Ада", "lacks 8 and 9", "two"),
                                 (670, "Eve", "has all: costs nothing", "two")]:
        p.arrow(x, 150, x, 84)
        p.box(x - 85, 150, 170, 50, name, words, look=look)
    p.text(400, 240, "Each message exists once; a member is only a place in the log.")
    p.text(400, 266, "The log forgets messages that all have. A member too far behind is disconnected.")
    return p


def shapes():
    """architectures: client and server, peer to peer, broker."""
    p = Picture(800, 300, "Client and server, peer to peer, and a broker between servers")
    for x, name in [(130, "client and server"), (400, "peer to peer"), (670, "broker")]:
        p.text(x, 28, name, look="name")
    p.box(85, 110, 90, 44, "server", look="one")
    for x, y, name in [(10, 52, "Ада"), (190, 52, "Bob"), (10, 188, "Eve"), (190, 188, "Ivan")]:
        p.box(x, y, 62, 32, name)
        p.arrow(x + 31, y + (32 if y < 110 else 0), 130 + (-30 if x < 100 else 30), 110 if y < 110 else 154, both=True)
    peers = [(330, 60, "Ада"), (430, 60, "Bob"), (330, 180, "Eve"), (430, 180, "Ivan")]
    for i, (x, y, name) in enumerate(peers):
        for other_x, other_y, _ in peers[i + 1:]:
            if x == other_x:
                p.arrow(x + 31, y + 32, other_x + 31, other_y, both=True)
            elif y == other_y:
                p.arrow(x + 62, y + 16, other_x, other_y + 16, both=True)
            else:
                p.arrow(x + (58 if other_x > x else 4), y + 32, other_x + (4 if other_x > x else 58), other_y, both=True)
        p.box(x, y, 62, 32, name)
    p.box(625, 52, 90, 40, "broker", look="three")
    for x, name in [(560, "server 1"), (690, "server 2")]:
        p.box(x, 130, 90, 40, name, look="one")
        p.arrow(x + 45, 130, 670 + (-25 if x < 600 else 25), 92, both=True)
    for x, name, at in [(540, "Ада", 595), (606, "Bob", 618), (674, "Eve", 725), (740, "Ivan", 748)]:
        p.box(x, 208, 52, 30, name)
        p.arrow(x + 26, 208, at, 170, both=True)
    p.text(130, 270, "n connections; one owner of the state", look="small")
    p.text(400, 270, "n(n − 1)/2 connections; no owner", look="small")
    p.text(670, 270, "servers share the messages", look="small")
    return p


def stun_turn():
    """protocols: how two browsers behind routers find each other."""
    p = Picture(800, 360, "STUN tells a browser its address from outside; TURN relays where no direct way is open")
    p.box(20, 170, 90, 44, "Ада", look="two")
    p.box(690, 170, 90, 44, "Bob", look="two")
    p.box(165, 160, 90, 64, "router", "translates", look="box")
    p.box(545, 160, 90, 64, "router", "translates", look="box")
    p.box(235, 30, 130, 46, "STUN server", look="one")
    p.box(435, 30, 130, 46, "signalling", "your own chat", look="one")
    p.box(335, 290, 130, 46, "TURN server", look="three")
    p.line(110, 192, 165, 192, "arrow")
    p.line(635, 192, 690, 192, "arrow")
    p.arrow(225, 160, 285, 76, both=True)
    p.text(150, 110, "1. Which address do you see?", look="small")
    p.text(150, 127, "203.0.113.5:40000", look="small")
    p.arrow(255, 168, 460, 76, both=True)
    p.arrow(580, 160, 520, 76, both=True)
    p.text(660, 110, "2. Addresses of both", look="small")
    p.text(660, 127, "are exchanged", look="small")
    p.arrow(255, 200, 545, 200, "3. directly, if both routers let it in", both=True)
    p.arrow(240, 224, 335, 305, both=True, dashed=True)
    p.arrow(560, 224, 465, 305, both=True, dashed=True)
    p.text(130, 290, "4. else every packet goes", look="small")
    p.text(130, 307, "through TURN, at a cost", look="small")
    return p


PICTURES = {draw.__name__: draw for draw in (socket_calls, slow_reader, frame, log_and_cursors, shapes, stun_turn)}


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(PICTURES))
    elif len(sys.argv) == 2 and sys.argv[1] in PICTURES:
        sys.stdout.write(PICTURES[sys.argv[1]]().svg())
    else:
        sys.exit(f"usage: draw.py --list | {' | '.join(PICTURES)}")


if __name__ == "__main__":
    main()
