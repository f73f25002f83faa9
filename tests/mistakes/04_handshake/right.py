#!/usr/bin/env python3
"""04_handshake: a right program, which passes `robust` too. Wrong programs are made from it.

The server has a thread for each client. The client has one thread for the keyboard and one for the socket.
"""

import argparse
import base64
import codecs
import contextlib
import email.utils
import hashlib
import os
import re
import select
import signal
import socket
import sys
import threading
import time
import urllib.parse

STEP = "04_handshake"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MAX_MESSAGE = 16 << 20  # bytes
MAX_TARGET = 8000  # bytes
MAX_HEAD = 16 << 10  # bytes, the empty line included
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 414: "URI Too Long",
           426: "Upgrade Required", 431: "Request Header Fields Too Large", 501: "Not Implemented",
           505: "HTTP Version Not Supported"}

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rf"({TOKEN}) ([!-~]+) HTTP/(\d)\.(\d)")
STATUS_LINE = re.compile(r"HTTP/\d\.\d (\d{3})( .*)?")
FIELD = re.compile(rf"({TOKEN}):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*?)[ \t]*")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::(\d{1,5}))?", re.ASCII)
TARGET = re.compile(r"(?:/.*|http://([^/?#]+)([/?].*)?)", re.IGNORECASE)
KEY = re.compile(r"[A-Za-z0-9+/]{22}==")


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, why, *fields):
        super().__init__(why)
        self.status, self.fields = status, fields


class Failure(Exception):
    """A peer has broken the rules of RFC 6455: the connection is closed with this code."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


# --- the handshake ----------------------------------------------------------------------------------


def accept_value(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def too_long(head):
    if b"\n" in head:
        return Refusal(431, "the head is too long")
    return Refusal(414, "the target is too long") if b" " in head[:20] else Refusal(501, "there is no such method")


def read_head(stream):
    """The first line of a request or an answer, and the fields: a list of names in lower case and values."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(MAX_HEAD + 1 - len(head))
        head += line
        if len(head) > MAX_HEAD:
            raise too_long(head)
        if not line.endswith(b"\n"):
            raise ConnectionError("the stream ends in the middle of the handshake")
        if head == b"\r\n":
            head = b""  # RFC 9112, section 2.2: an empty line before a request is passed over
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    fields = []
    for line in lines:
        field = FIELD.fullmatch(line)
        if not field:
            raise Refusal(400, "a line is no header field")
        fields.append((field[1].lower(), field[2]))
    return first, fields


def values(fields, name):
    return [value for field, value in fields if field == name]


def has_token(fields, name, token):
    words = ",".join(values(fields, name)).lower().split(",")
    return token in (word.strip(" \t") for word in words)


def is_host(text):
    host = HOST.fullmatch(text)
    return bool(host) and int(host[2] or 0) < 65536


def checked_path(first, fields):
    """The path and query of the request, if HTTP has nothing against it."""
    line = REQUEST_LINE.fullmatch(first)
    if not line:
        raise Refusal(400, "the first line is no request line")
    method, target, major, _ = line.groups()
    if major != "1" or first.endswith("HTTP/1.0"):
        raise Refusal(505, "HTTP/1.1 is spoken here")
    if len(method) > 20:
        raise Refusal(501, "there is no such method")
    if len(target) > MAX_TARGET:
        raise Refusal(414, "the target is too long")
    if len(values(fields, "host")) != 1 or not is_host(values(fields, "host")[0]):
        raise Refusal(400, "the request needs one Host")
    lengths, codings = set(values(fields, "content-length")), values(fields, "transfer-encoding")
    if (len(lengths) > 1 or any(not re.fullmatch(r"[0-9]{1,18}", length) for length in lengths)
            or (codings and (lengths or codings[-1].lower() != "chunked"))):
        raise Refusal(400, "the body has no sure end")
    if method != "GET":
        raise Refusal(405, "the method has to be GET", "Allow: GET")
    if codings or lengths - {"0"}:
        raise Refusal(400, "a request with GET has no body here")
    form = TARGET.fullmatch(target)
    if not form or (form[1] and not is_host(form[1])):
        raise Refusal(400, "the target is neither a path nor an address")
    path = form[2] or "/" if form[1] else target
    return path if path.startswith("/") else "/" + path


def checked_key(fields):
    """The key of a request for a WebSocket; None if it asks for none."""
    if not has_token(fields, "upgrade", "websocket") or not has_token(fields, "connection", "upgrade"):
        return None
    if values(fields, "sec-websocket-version") != ["13"]:
        raise Refusal(426, "version 13 is spoken here", "Sec-WebSocket-Version: 13", "Upgrade: websocket")
    keys = values(fields, "sec-websocket-key")
    if len(keys) != 1 or not KEY.fullmatch(keys[0]):
        raise Refusal(400, "the request needs one Sec-WebSocket-Key of 16 bytes in Base64")
    return keys[0]


def answer(status, kind, body, *fields):
    """A whole response, after which the connection ends."""
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", f"Date: {email.utils.formatdate(usegmt=True)}",
             f"Content-Type: {kind}; charset=utf-8", f"Content-Length: {len(body)}", "Connection: close", *fields]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body.encode()


# --- frames -----------------------------------------------------------------------------------------


def masked(payload, key):
    """XOR with the key again and again, as one large number: byte by byte it would take seconds."""
    repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


def frame(opcode, payload, key):
    """A frame that is a whole message. A client has a key for the mask, a server has none."""
    mask_bit = 0x80 if key else 0
    size = len(payload)
    if size > 0xFFFF:
        length = bytes([mask_bit | 127]) + size.to_bytes(8, "big")
    elif size > 125:
        length = bytes([mask_bit | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask_bit | size])
    return bytes([0x80 | opcode]) + length + (key + masked(payload, key) if key else payload)


def receive(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("the other side has left without a close frame")
    return data


def check_close(payload):
    if not payload:
        return
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (code in (*range(1000, 1004), *range(1007, 1015)) or 3000 <= code < 5000):
        raise Failure(1002, f"{code} is no code for a close frame")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise Failure(1007, "the reason is not UTF-8") from None


class WebSocket:
    """A connection on which the handshake is over. One thread receives, and any thread sends."""

    def __init__(self, connection, stream, is_client):
        self.connection, self.stream, self.is_client = connection, stream, is_client
        self.lock = threading.Lock()  # guards closing, and keeps each frame whole
        self.closing = False  # whether our close frame has been sent: after it comes nothing more
        self.opcode = None  # of the message that has begun, and not ended
        self.parts, self.size = [], 0  # what has come of that message, and its bytes

    def send(self, opcode, payload):
        with self.lock:
            if not self.closing:
                self.closing = opcode == CLOSE
                self.connection.sendall(frame(opcode, payload, os.urandom(4) if self.is_client else None))

    def close(self, code, why=""):
        self.send(CLOSE, code.to_bytes(2, "big") + why.encode())

    def receive(self):
        """The next message: its opcode and payload. A close frame is (CLOSE, its payload), and has been answered."""
        while True:
            fin, opcode, size, key = self.read_header()
            if opcode < CLOSE:
                self.read_part(opcode, fin, size, key)
                if fin:
                    message = self.opcode, b"".join(self.parts)
                    self.opcode, self.parts, self.size = None, [], 0
                    return message
                continue
            payload = masked(receive(self.stream, size), key)
            if opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                check_close(payload)
                self.send(CLOSE, payload[:2])
                return CLOSE, payload

    def read_header(self):
        """FIN, opcode, length and key of the next frame. What two bytes show is refused after two bytes."""
        first, second = receive(self.stream, 2)
        fin, opcode, size = bool(first & 0x80), first & 0x0F, second & 0x7F
        if first & 0x70:
            raise Failure(1002, "a reserved bit is set")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Failure(1002, f"there is no opcode {opcode}")
        if bool(second & 0x80) == self.is_client:
            raise Failure(1002, "a client masks each frame, and a server none")
        if opcode >= CLOSE and (size > 125 or not fin):
            raise Failure(1002, "a control frame is short and whole")
        if (opcode == CONTINUATION) != (self.opcode is not None) and opcode < CLOSE:
            raise Failure(1002, "fragments of a message follow each other")
        if size > 125:
            least = 126 if size == 126 else 0x10000
            size = int.from_bytes(receive(self.stream, 2 if size == 126 else 8), "big")
            if size < least or size >> 63:
                raise Failure(1002, "the length has another form")
        if opcode < CLOSE and size + self.size > MAX_MESSAGE:
            raise Failure(1009, f"a message has at most {MAX_MESSAGE} bytes")
        return fin, opcode, size, receive(self.stream, 4) if second & 0x80 else bytes(4)

    def read_part(self, opcode, fin, size, key):
        """The payload of a fragment, as it comes: a text is refused at its first wrong byte."""
        if opcode != CONTINUATION:
            self.opcode = opcode
            self.utf8 = codecs.getincrementaldecoder("utf-8")()
        while size > 0:
            piece = self.stream.read1(min(size, 1 << 18))
            if not piece:
                raise ConnectionError("the other side has left in the middle of a frame")
            size -= len(piece)
            plain = masked(piece, key)
            key = (key * 2)[len(piece) % 4:][:4]  # the next piece goes on where this one has ended
            self.parts.append(plain)
            self.size += len(plain)
            self.check_text(plain, False)
        self.check_text(b"", fin)

    def check_text(self, piece, is_last):
        if self.opcode != TEXT:
            return
        try:
            self.utf8.decode(piece, is_last)
        except UnicodeDecodeError:
            raise Failure(1007, "a text is not UTF-8") from None
        begun = self.utf8.getstate()[0]
        if b"\xed\xa0" <= begun < b"\xee":  # half of a surrogate pair: Python would wait for its third byte
            raise Failure(1007, "a text is not UTF-8")


# --- the server -------------------------------------------------------------------------------------


class Session:
    """One client of the server, and its thread."""

    sessions = set()
    lock = threading.Lock()  # guards sessions and ends
    ends = False  # the server ends: no WebSocket is opened any more

    def __init__(self, connection):
        self.connection = connection
        self.websocket = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        with Session.lock:
            Session.sessions.add(self)
        self.thread.start()

    def run(self):
        with self.connection:
            with contextlib.suppress(OSError):  # the client has gone
                with self.connection.makefile("rb") as stream:
                    try:
                        self.serve(stream)
                    except Refusal as refusal:
                        self.connection.sendall(answer(refusal.status, "text/plain", f"{refusal}\n", *refusal.fields))
                    except Failure as failure:
                        self.websocket.close(failure.code, str(failure))
                    self.finish()
            with Session.lock:
                Session.sessions.discard(self)

    def serve(self, stream):
        first, fields = read_head(stream)
        path, key = checked_path(first, fields), checked_key(fields)
        if not key:
            if path.partition("?")[0] != "/":
                raise Refusal(404, "there is only / here")
            page = "<!DOCTYPE html><title>04 handshake</title><h1>An echo over WebSocket</h1>\n"
            return self.connection.sendall(answer(200, "text/html", page))
        websocket = WebSocket(self.connection, stream, is_client=False)
        with Session.lock:
            if Session.ends:
                return
            self.connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept_value(key)}\r\n\r\n".encode())
            self.websocket = websocket
        while (message := websocket.receive())[0] != CLOSE:
            websocket.send(*message)

    def finish(self):
        """Ends our half, and reads what still comes: unread bytes make close send a reset, and a reset
        destroys what was sent last."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(2)
        deadline = time.monotonic() + 2
        while self.connection.recv(65536) and time.monotonic() < deadline:
            pass

    def say_goodbye(self):
        with contextlib.suppress(OSError):
            if self.websocket:
                self.websocket.close(1001, "the server ends")
            else:
                self.connection.shutdown(socket.SHUT_RDWR)


def end_all():
    """Closes each WebSocket with 1001, and waits a moment for the clients' answers."""
    with Session.lock:
        Session.ends = True
        sessions = list(Session.sessions)
    for session in sessions:  # a client that does not read may hold this up: so each has a thread
        threading.Thread(target=session.say_goodbye, daemon=True).start()
    deadline = time.monotonic() + 0.5
    for session in sessions:
        session.thread.join(max(0, deadline - time.monotonic()))
    for session in sessions:
        with contextlib.suppress(OSError):
            session.connection.shutdown(socket.SHUT_WR)


def stop_signals():
    """A socket that can be read once SIGTERM or SIGINT has come, be it before or while select waits."""
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.detach())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return woken


def accept(listener):
    try:
        connection, _ = listener.accept()
    except OSError:  # no descriptor is free: without the pause, the loop would spin
        return time.sleep(0.1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Session(connection).start()


def server(options):
    stop = stop_signals()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listener = socket.create_server((options.host, options.port), family=family, backlog=256)
    except OSError as error:
        sys.exit(f"{STEP}: bind {options.host}:{options.port}: {os.strerror(error.errno)}")
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"listening on {host}:{listener.getsockname()[1]}", flush=True)
    listener.setblocking(False)  # a client that select has seen may have gone again
    while stop not in select.select([listener, stop], [], [])[0]:
        accept(listener)
    end_all()
    os._exit(0)


# --- the client -------------------------------------------------------------------------------------


class Client:
    def __init__(self, options):
        self.url = urllib.parse.urlsplit(options.url)
        self.leaves = False  # we have asked for the end
        self.lost = False  # a line was not sent

    def connect(self):
        address = self.url.hostname, self.url.port or 80
        try:
            return socket.create_connection(address)
        except OSError as error:
            raise ConnectionError(f"connect {address[0]}:{address[1]}: {error.strerror or error}") from None

    def handshake(self, connection, stream):
        key = base64.b64encode(os.urandom(16)).decode()
        target = (self.url.path or "/") + ("?" + self.url.query if self.url.query else "")
        connection.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {self.url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        status = "100"
        while status.startswith("1") and status != "101":  # interim answers come before the answer
            first, fields = read_head(stream)
            line = STATUS_LINE.fullmatch(first)
            if not line:
                raise ConnectionError("the answer does not begin with HTTP/1.1")
            status = line[1]
        if status != "101":
            size = min(int((values(fields, "content-length") or ["0"])[0]), MAX_HEAD)
            raise ConnectionError(f"the server refuses: {first}: {stream.read(size).decode(errors='replace').strip()}")
        if not has_token(fields, "upgrade", "websocket"):
            raise ConnectionError("the answer has no Upgrade: websocket")
        if not has_token(fields, "connection", "upgrade"):
            raise ConnectionError("the answer has no Connection: Upgrade")
        if values(fields, "sec-websocket-accept") != [accept_value(key)]:
            raise ConnectionError("Sec-WebSocket-Accept does not belong to our key")
        for name, what in (("extensions", "an extension"), ("protocol", "a subprotocol")):
            if values(fields, "sec-websocket-" + name):
                raise ConnectionError(f"the server agrees to {what} that nobody has asked for")

    def send_what_is_typed(self, websocket):
        with contextlib.suppress(OSError):  # the thread that prints finds out too
            for number, line in enumerate(sys.stdin.buffer if sys.stdin else (), 1):
                if line.strip().lower() == b"exit":
                    break
                try:
                    line.decode()
                    websocket.send(TEXT, line.removesuffix(b"\n"))
                except UnicodeDecodeError:
                    self.lost = True
                    print(f"{STEP}: line {number} is not UTF-8, and is not sent", file=sys.stderr, flush=True)
            self.leaves = True
            websocket.close(1000)
            websocket.connection.settimeout(5)

    def run(self):
        with self.connect() as connection, connection.makefile("rb") as stream:
            self.handshake(connection, stream)
            websocket = WebSocket(connection, stream, is_client=True)
            threading.Thread(target=self.send_what_is_typed, args=(websocket,), daemon=True).start()
            try:
                while (message := websocket.receive())[0] != CLOSE:
                    sys.stdout.buffer.write(printable(message[1]) + b"\n")
                    sys.stdout.buffer.flush()
            except Failure as failure:
                websocket.close(failure.code, str(failure))
                raise
            except TimeoutError:
                raise ConnectionError("no close frame has come") from None
            payload = message[1]
            if not self.leaves:
                code = int.from_bytes(payload[:2], "big") if payload else 1005
                raise ConnectionError(f"closed by the server: {code}, {payload[2:].decode()}")
        return 1 if self.lost else 0


def printable(payload):
    """The text as a terminal may show it: a stranger's control characters must not reach it."""
    if not sys.stdout.isatty():
        return payload
    text = payload.decode(errors="replace")
    shown = (letter if letter.isprintable() else "".join(f"\\x{byte:02x}" for byte in letter.encode())
             for letter in text)
    return "".join(shown).encode()


def leave_with_the_reader():
    """Ends the program when nobody reads any more what it prints into a pipe."""
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    output.poll()
    print(f"{STEP}: nobody reads what is printed", file=sys.stderr, flush=True)
    os._exit(1)


def client(options):
    threading.Thread(target=leave_with_the_reader, daemon=True).start()
    try:
        status = Client(options).run()
    except (OSError, Failure, Refusal) as error:
        print(f"{STEP}: {error}", file=sys.stderr, flush=True)
        status = 1
    # An ordinary exit would have to wait for the thread that reads the keyboard.
    os._exit(status)


def main():
    parser = argparse.ArgumentParser(prog=STEP)
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8004, choices=range(65536), metavar="PORT")
    roles.add_parser("client").add_argument("url", metavar="ws://HOST:PORT/PATH")
    options = parser.parse_args()
    server(options) if options.role == "server" else client(options)


if __name__ == "__main__":
    main()
