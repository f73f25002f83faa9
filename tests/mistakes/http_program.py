"""What the right programs of 06 and 07 have in common: a request of HTTP/1.1 as a server reads it, and an answer as a
client does. It stands beside each of them, as a link."""

import collections
import contextlib
import os
import re
import socket
import unicodedata
from urllib.parse import urlsplit

MAX_TARGET, MAX_HEAD, MAX_BODY = 8000, 16384, 65536  # bytes
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(%s) ([!-~]+) HTTP/(\d)\.(\d)" % TOKEN)
FIELD = re.compile(rb"(%s):[ \t]*([^\0-\x08\x0a-\x1f\x7f]*)" % TOKEN)
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|([\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(:(\d{1,5}))?", re.ASCII)
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
CHUNK = re.compile(
    rb"([0-9A-Fa-f]+)(?:[ \t]*;[ \t]*%s(?:[ \t]*=[ \t]*(?:%s|%s))?)*" % (TOKEN, TOKEN, QUOTED))
CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class Refused(Exception):
    """The answer to a request that is not served. `ends`: nobody knows where the next one begins."""

    def __init__(self, status, why, ends=False, fields=""):
        self.status, self.why, self.ends, self.fields = status, why, ends, fields


class Requests:
    """Reads the requests of one connection: from its `reader` into its `buffer`."""

    async def receive(self):
        received = await self.reader.read(65536)
        if not received:
            raise EOFError
        self.buffer += received

    async def line(self, limit):
        """The next line without its CRLF. The line of a chunk or of a trailer."""
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > limit:
                break
            await self.receive()
        line, _, rest = self.buffer.partition(b"\r\n")
        if len(line) > limit:
            raise Refused(431, "this line is too long", True)
        self.buffer = rest
        return line

    async def read_head(self):
        while b"\r\n\r\n" not in self.buffer[:MAX_HEAD]:
            if len(self.buffer) > MAX_HEAD:
                raise self.too_long()
            await self.receive()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        line = REQUEST_LINE.fullmatch(first)
        if not line:
            raise Refused(400, "no request line of HTTP", True)
        self.method, self.target = line[1].decode(), line[2].decode()
        if line[3] != b"1":
            raise Refused(505, "HTTP/1.1 is spoken here", True)
        if len(self.method) > 20:
            raise Refused(501, "no such method", True)
        if len(self.target) > MAX_TARGET:
            raise Refused(414, "a target has at most 8000 bytes", True)
        self.is_1_0, self.fields = line[4] == b"0", collections.defaultdict(list)
        for text in lines:
            field = FIELD.fullmatch(text)
            if not field:
                raise Refused(400, "a line of the head is no field", True)
            self.fields[field[1].decode().lower()].append(field[2].rstrip(b" \t").decode(errors="replace"))
        self.check_target()
        said = ",".join(self.fields["connection"]).lower()
        self.keeps = not self.is_1_0 and "close" not in [word.strip() for word in said.split(",")]

    def too_long(self):
        if b" " not in self.buffer[:100]:
            return Refused(400, "no method of HTTP", True)
        if b"\r\n" in self.buffer[:MAX_TARGET + 100]:
            return Refused(431, "a head has at most 16 KiB", True)
        return Refused(414, "a target has at most 8000 bytes", True)

    def check_target(self):
        hosts = self.fields["host"]
        host = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if not (host and int(host[4] or 0) < 65536 or not hosts and self.is_1_0):
            raise Refused(400, "one Host that names a server", True)
        if self.target.lower().startswith("http://"):
            name, slash, path = self.target[7:].partition("/")
            host = HOST.fullmatch(name)
            if not (name and host and host[1] and int(host[4] or 0) < 65536):
                raise Refused(400, "no address", True)
            self.target = slash + path or "/"
        if not (self.target.startswith("/") or self.target == "*" and self.method == "OPTIONS") \
                or re.search(r"%(?![0-9A-Fa-f]{2})", self.target):
            raise Refused(400, "no target", True)

    async def read_body(self):
        """Reads the body. Its end must be sure: two readers that find two ends let strangers put requests between."""
        lengths, codings = self.fields["content-length"], self.fields["transfer-encoding"]
        if len(lengths) + len(codings) > 1 or codings and (codings[0].lower() != "chunked" or self.is_1_0):
            raise Refused(400, "the end of the body is not sure", True)
        if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            raise Refused(400, "a length is a number", True)
        length = int(lengths[0][:20]) if lengths else 0
        if length > MAX_BODY:
            raise Refused(413, "a body has at most 64 KiB", True)
        if ",".join(self.fields["expect"]).lower() == "100-continue" and not self.buffer and not self.is_1_0:
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.body = await self.read_chunks() if codings else await self.take(length)

    async def take(self, count):
        while len(self.buffer) < count:
            await self.receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    async def read_chunks(self):
        body = b""
        while True:
            size = CHUNK.fullmatch(await self.line(MAX_HEAD))
            if not size:
                raise Refused(400, "no size of a chunk", True)
            if int(size[1], 16) + len(body) > MAX_BODY:
                raise Refused(413, "a body has at most 64 KiB", True)
            if int(size[1], 16) == 0:
                break
            body += await self.take(int(size[1], 16))
            if await self.take(2) != b"\r\n":
                raise Refused(400, "a chunk ends with CRLF", True)
        left = MAX_HEAD
        while trailer := await self.line(left):
            left -= len(trailer)
            if not FIELD.fullmatch(trailer):
                raise Refused(400, "a line of the trailer is no field", True)
        return body


def text_of(content):
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refused(400, "text is UTF-8") from None


def check_name(name):
    """Refuses what a terminal or a page would show as nothing, or as something else than a name."""
    bad = {"Cc", "Cf", "Zl", "Zp", "Cs"}
    blank = "\u3164\u2800\u115f\u1160"
    shown = [c for c in name if unicodedata.category(c) not in ("Zs", "Mn", "Me") and c not in blank]
    if not 1 <= len(name) <= 32 or not shown or any(unicodedata.category(c) in bad and c != "\u200d" for c in name):
        raise Refused(400, "a name has 1 to 32 characters and no control characters")


def listener_of(address):
    family, kind, protocol, _, place = address
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)  # else megabytes wait for one who does not read
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        listener.bind(place)
    except OSError as error:
        raise OSError(f"bind {place[0]}:{place[1]}: {os.strerror(error.errno)}") from None
    return listener


def tell(text):
    with contextlib.suppress(OSError):
        os.write(2, f"{text}\n".encode(errors="replace"))


class Answer:
    """One response, as it comes from a socket."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, b""
        self.status = 100
        while self.status < 200:  # the others come before the answer
            first, *lines = self.head()
            line = re.fullmatch(rb"HTTP/1\.\d (\d{3})( .*)?", first)
            if not line:
                raise ValueError("this is no answer of HTTP")
            self.status, self.fields = int(line[1]), {}
            for text in re.sub(r"\r\n[ \t]+", " ", b"\r\n".join(lines).decode(errors="replace")).split("\r\n"):
                name, _, value = text.partition(":")
                self.fields[name.lower()] = value.strip()

    def receive(self):
        received = self.connection.recv(65536)
        self.buffer += received
        if not received:
            raise EOFError("the connection has ended")

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head.split(b"\r\n")

    def take(self, count):
        while len(self.buffer) < count:
            self.receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def pieces(self):
        """The body as it comes, without the framing of chunks."""
        if self.fields.get("transfer-encoding", "").lower() == "chunked":
            while True:
                while b"\r\n" not in self.buffer:
                    self.receive()
                line, _, self.buffer = self.buffer.partition(b"\r\n")
                if not (size := int(line.partition(b";")[0], 16)):
                    return
                yield self.take(size)
                self.take(2)
        elif "content-length" in self.fields:
            yield self.take(int(self.fields["content-length"]))
        else:
            with contextlib.suppress(EOFError):
                while True:
                    yield self.buffer
                    self.buffer = b""
                    self.receive()


def head_of(method, url, fields):
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join([f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: identity\r\n",
                    *(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"]).encode()
