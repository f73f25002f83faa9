#!/usr/bin/env python3
"""06_sse, a right program: the server in asyncio, the client with a thread that listens."""

import argparse
import asyncio
import collections
import contextlib
import email.utils
import json
import os
import re
import select
import signal
import socket
import threading
import time
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from http_program import CHARSET, Answer, Refused, Requests, check_name, head_of, listener_of, tell, text_of

MAX_TIME = 10  # seconds for a whole request, and for an answer to be taken
PAGE = b"<!DOCTYPE html><title>06 SSE</title><script>new EventSource('/events').onmessage = console.log</script>"
METHODS = {"/": ("GET", "HEAD"), "/events": ("GET", "HEAD"), "/publish": ("POST",)}
REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long",
           415: "Unsupported Media Type",
           431: "Request Header Fields Too Large", 501: "Not Implemented", 503: "Service Unavailable",
           505: "HTTP Version Not Supported"}


def parse_options():
    parser = argparse.ArgumentParser(prog="06_sse")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8006, choices=range(65536), metavar="PORT")
    server_options.add_argument("--history", type=int, default=1000)
    server_options.add_argument("--queue", type=int, default=1 << 20)
    server_options.add_argument("--ping", type=float, default=15)
    server_options.add_argument("--retry", type=int, default=2000)
    client_options = roles.add_parser("client")
    client_options.add_argument("url", metavar="http://HOST:PORT")
    client_options.add_argument("--name", default="User")
    client_options.add_argument("--last-event-id", default="")
    for role in (server_options, client_options):
        role.add_argument("--trace", action="store_true", help="passed over")
    return parser.parse_args()


class Stream:
    """What waits for one reader. The replay is not held against it, what is new is: at most --queue bytes."""

    def __init__(self):
        self.events, self.size, self.changed = collections.deque(), 0, asyncio.Event()
        self.over = self.cut_off = False

    def put(self, event, limit):
        self.events.append(event)
        self.size += len(event)
        self.cut_off = self.cut_off or self.size > limit
        self.changed.set()


class Feed:
    """All that was published and is kept, and all who listen."""

    def __init__(self, options):
        self.options, self.last, self.streams = options, 0, set()
        self.history = collections.deque(maxlen=options.history)

    def publish(self, text, kind):
        self.last += 1
        event = event_of(self.last, text, kind)
        self.history.append(event)
        for stream in self.streams:
            stream.put(event, self.options.queue)
        return self.last

    def listen(self, seen):
        """A stream of what comes after the id `seen`; "" is none."""
        stream, oldest = Stream(), self.last + 1 - len(self.history)
        if seen:
            known = seen.isascii() and seen.isdigit() and int(seen) <= self.last
            first = int(seen) + 1 if known else 0
            if first < oldest:
                gap = json.dumps({"first": first, "last": oldest - 1}, separators=(",", ":"))
                stream.events.append(f"event: gap\ndata: {gap}\n\n".encode())
            stream.events.extend(list(self.history)[max(first - oldest, 0):])
        self.streams.add(stream)
        return stream


def event_of(number, text, kind):
    """The bytes of an event. Each line of the text is a field of its own: none breaks out of it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields = [f"id: {number}"] + ([f"event: {kind}"] if kind else []) + [f"data: {line}" for line in lines]
    return "\n".join(fields + ["", ""]).encode()


class Connection(Requests):
    """One client of the server: its requests one after the other."""

    def __init__(self, feed, reader, writer):
        self.feed, self.reader, self.writer, self.buffer = feed, reader, writer, b""

    async def serve(self):
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            while await self.serve_one():
                pass
            # A close with unread bytes would send a reset, which destroys what was sent last.
            self.writer.write_eof()
            async with asyncio.timeout(5):
                while await self.reader.read(65536):
                    pass
        self.writer.transport.abort()

    async def serve_one(self):
        """Serves one request; returns whether there may be another."""
        self.method, self.keeps = "GET", False
        async with asyncio.timeout(MAX_TIME if self.feed.last_idle(self) else 300):
            while not self.buffer or self.buffer in (b"\r", b"\r\n"):
                await self.receive()
                self.buffer = self.buffer[2:] if self.buffer.startswith(b"\r\n") else self.buffer
        try:
            try:
                async with asyncio.timeout(MAX_TIME):
                    await self.read_head()
                    await self.read_body()
            except TimeoutError:
                raise Refused(408, "a request has to come within 10 s", True) from None
            await self.answer()
        except Refused as refused:
            self.keeps = self.keeps and not refused.ends
            await self.respond(refused.status, refused.why.encode() + b"\n", fields=refused.fields)
        return self.keeps

    async def respond(self, status, body, kind="text/plain; charset=utf-8", fields=""):
        self.writer.write(self.head(status, kind, fields + f"Content-Length: {len(body)}\r\n")
                          + (b"" if self.method == "HEAD" else body))
        async with asyncio.timeout(MAX_TIME):
            await self.writer.drain()

    def head(self, status, kind, fields):
        return (f"HTTP/1.1 {status} {REASONS[status]}\r\nDate: {email.utils.formatdate(usegmt=True)}\r\n"
                f"Content-Type: {kind}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{fields}"
                + ("" if self.keeps else "Connection: close\r\n") + "\r\n").encode()

    async def answer(self):
        path, _, query = self.target.partition("?")
        if self.target == "*":
            return await self.respond(200, b"", fields="Allow: GET, HEAD, POST\r\n")
        origins = self.fields["origin"]
        if origins and origins != ["http://" + "".join(self.fields["host"])]:
            raise Refused(403, "this is for pages of the server itself")
        if path not in METHODS:
            raise Refused(404, "there is no such thing here")
        if self.method not in METHODS[path]:
            raise Refused(405, "not so", fields=f"Allow: {', '.join(METHODS[path])}\r\n")
        if path == "/":
            await self.respond(200, PAGE, "text/html; charset=utf-8")
        elif path == "/publish":
            await self.respond(202, f"{self.publish(fields_of(query))}\n".encode())
        else:
            await self.stream(fields_of(query))

    def publish(self, fields):
        kind, _, parameters = "".join(self.fields["content-type"]).partition(";")
        kind, charset = kind.strip().lower(), CHARSET.search(";" + parameters)
        if kind == "application/x-www-form-urlencoded":
            fields |= fields_of(self.body.decode("latin-1"))
            text = fields.get("text", "")
        elif kind == "text/plain" and (not charset or charset[1].lower() == "utf-8"):
            text = text_of(self.body)
        else:
            raise Refused(415, "publish text/plain in UTF-8, or a form")
        if not text:
            raise Refused(400, "there is no text")
        name, event = fields.get("name"), fields.get("event")
        if event is not None and (not 1 <= len(event.encode()) <= 64 or set("\r\n\0") & set(event) or event == "gap"):
            raise Refused(400, "a type has 1 to 64 bytes and no line end")
        if name is not None:
            check_name(name)
            text = f"{name}: {text}"
        if self.feed.is_ending:
            raise EOFError
        return self.feed.publish(text, event)

    async def stream(self, fields):
        self.keeps = False  # the end of the connection is the end of the body
        if self.method == "HEAD":
            self.writer.write(self.head(200, "text/event-stream", "X-Accel-Buffering: no\r\n"))
            return
        seen = (self.fields["last-event-id"] or [fields.get("last_event_id", "")])[0]
        stream = self.feed.listen(seen)
        leaves = asyncio.create_task(self.notice_leaving(stream))
        try:
            self.writer.write(self.head(200, "text/event-stream", "X-Accel-Buffering: no\r\n"))
            self.writer.write(f"retry: {self.feed.options.retry}\n\n".encode())
            await self.send_events(stream)
        finally:
            self.feed.streams.discard(stream)
            leaves.cancel()

    async def notice_leaving(self, stream):
        """Passes over what the reader still says, until it leaves."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass
        self.feed.streams.discard(stream)
        stream.cut_off = True
        stream.changed.set()

    async def send_events(self, stream):
        while not stream.cut_off:
            if not stream.events:
                if stream.over:
                    return
                stream.changed.clear()
                try:
                    async with asyncio.timeout(self.feed.options.ping):
                        await stream.changed.wait()
                except TimeoutError:
                    self.writer.write(b":\n\n")  # a comment keeps the connection from falling asleep
            while stream.events and self.writer.transport.get_write_buffer_size() < 65536:
                event = stream.events.popleft()
                stream.size = max(0, stream.size - len(event))
                self.writer.write(event)
            drained = asyncio.create_task(self.writer.drain())
            while not drained.done() and not stream.cut_off:
                stream.changed.clear()
                changed = asyncio.create_task(stream.changed.wait())
                await asyncio.wait({drained, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            if drained.done():
                drained.result()
        raise EOFError  # it has left, or more than the queue holds waits for it


def fields_of(query):
    """The fields of a query or a form, decoded."""
    fields = {}
    for field in filter(None, query.split("&")):
        if re.search(r"%(?![0-9A-Fa-f]{2})", field):
            raise Refused(400, "two digits stand behind %")
        name, _, value = [text_of(unquote_to_bytes(part)) for part in field.replace("+", " ").partition("=")]
        fields.setdefault(name, value)
    return fields


class Server(Feed):
    def __init__(self, options):
        super().__init__(options)
        self.is_ending, self.served = False, set()

    def last_idle(self, connection):
        """Whether this connection has not been served yet."""
        fresh = connection not in self.served
        self.served.add(connection)
        return fresh

    async def accept(self, reader, writer):
        connection = Connection(self, reader, writer)
        writer.transport.set_write_buffer_limits(0)  # drain() returns when all of it has left the program
        try:
            await connection.serve()
        finally:
            self.served.discard(connection)

    async def run(self):
        options, over = self.options, asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, over.set)
        address = await asyncio.get_running_loop().getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        listener = await asyncio.start_server(self.accept, sock=listener_of(address[0]), backlog=1024, limit=65536)
        host, port = listener.sockets[0].getsockname()[:2]
        print(f"listening on {f'[{host}]' if ':' in host else host}:{port}", flush=True)
        await over.wait()
        await asyncio.sleep(0)
        self.is_ending = True
        listener.close()
        for stream in self.streams:
            stream.over = True
            stream.changed.set()
        end = time.monotonic() + 0.7
        while self.streams and time.monotonic() < end:
            await asyncio.sleep(0.01)
        os._exit(0)


# The client.

def connect(url):
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url} is no address that begins with http://")
    address = parts.hostname, 80 if parts.port is None else parts.port
    try:
        return socket.create_connection(address, timeout=45)
    except OSError as error:
        raise OSError(f"{parts.netloc}: {error.strerror or error}") from None


class Gone(Exception):
    """The client must not come back: its exit status, and why."""


class Reader:
    """Listens, prints, and comes back."""

    def __init__(self, url, last_id):
        self.url, self.last_id, self.retry = url, last_id, 2.0
        self.seen, self.changed, self.connected, self.failures = 0, threading.Condition(), False, 0

    def open(self):
        url = self.url + "/events"
        for _ in range(21):
            connection = connect(url)
            seen = {"Last-Event-ID": self.last_id} if self.last_id else {}
            connection.sendall(head_of("GET", url, {"Accept": "text/event-stream", **seen}))
            answer = Answer(connection)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.fields:
                return answer
            location = answer.fields["location"]
            url = urljoin(url, location).partition("#")[0]
            if not url.startswith("http://") or location.startswith("//") and not urlsplit(location).netloc:
                raise Gone(1, f"redirected to {url}, and only http is spoken here")
        raise Gone(1, "more than 20 redirects")

    def check(self, answer):
        """How many seconds a refusal wants us to wait; 0 if there is a stream."""
        if answer.status == 204:
            raise Gone(0, "the server says 204: do not come back")
        if answer.status != 200:
            if not self.connected or answer.status not in (408, 429, 500, 502, 503, 504):
                raise Gone(1, f"refused: {answer.status}")
            tell(f"refused: {answer.status}")
            return retry_after(answer) or 0.001
        kind = answer.fields.get("content-type", "no type")
        if kind.partition(";")[0].strip().lower() != "text/event-stream":
            raise Gone(1, f"the answer is no event stream but has the type {kind}")
        if answer.fields.get("content-encoding", "identity") != "identity":
            raise Gone(1, "the answer is compressed")
        return 0

    def follow(self, answer):
        try:
            while True:
                begin, pause, self.has_news = time.monotonic(), 0, False
                try:
                    answer = answer or self.open()
                    pause = self.check(answer)
                    if not pause:
                        if self.connected:
                            tell("connected again")
                        self.connected = True
                        self.read(answer)
                    reason = "the stream has ended"
                except (OSError, EOFError, ValueError) as error:
                    reason = str(error)
                if answer:
                    answer.connection.close()
                answer = None
                if time.monotonic() - begin > 5:
                    self.failures = 0
                elif self.has_news:  # a connection that brings something is of some use, though it may not last
                    self.failures = max(0, self.failures - 2)
                pause = min(3600, max(pause, self.retry, 0.25 * 2 ** min(self.failures, 6)))
                self.failures += 1
                tell(f"{reason}; next try in {pause * 1000:.0f} ms")
                time.sleep(pause)
        except Gone as gone:
            leave(*gone.args)

    def read(self, answer):
        line, after_cr, self.event = b"", False, {}
        begins = True
        for piece in answer.pieces():
            for byte in re.findall(rb"[^\r\n]+|\r|\n", piece):
                if byte == b"\n" and after_cr:
                    after_cr = False
                elif byte in (b"\r", b"\n"):
                    self.take_line(line.removeprefix(b"\xef\xbb\xbf") if begins else line)
                    line, begins, after_cr = b"", False, byte == b"\r"
                else:
                    line, after_cr = line + byte, False

    def take_line(self, line):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            self.dispatch(self.event)
            self.event = {}
        elif field == b"data":
            self.event.setdefault("data", []).append(value)
        elif field == b"id" and b"\0" not in value:
            self.event["id"] = value.decode(errors="replace")
        elif field == b"event":
            self.event["type"] = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit():
            self.retry = min(3600.0, int(value[:20]) / 1000)

    def dispatch(self, event):
        kind = event.get("type") or "message"
        if "data" in event and kind == "gap":
            tell("a gap: " + b" ".join(event["data"]).decode(errors="replace"))
        elif "data" in event:
            said = b"\\n".join(event["data"])
            print_line((f"[{kind}] ".encode() if kind != "message" else b"") + said)
        with self.changed:
            self.has_news = self.has_news or bool(event.get("id"))
            self.last_id = event.get("id", self.last_id)
            if self.last_id.isascii() and self.last_id.isdigit():
                self.seen = int(self.last_id)
            self.changed.notify_all()


def retry_after(answer):
    value = answer.fields.get("retry-after", "")
    return int(value) if value.isdigit() else 0


def print_line(line):
    line += b"\n"
    while line:
        line = line[os.write(1, line):]


def leave(status, why):
    """Ends the program, whichever thread says so."""
    tell(f"06_sse: {why}")
    os._exit(status)


class Publisher:
    """POSTs each line over one connection, which is kept."""

    def __init__(self, url, name):
        self.url, self.connection = f"{url}/publish?name={quote(name, safe='')}", None
        self.last, self.failed = 0, False

    def publish(self, line):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return self.fail("a line is not UTF-8: it was not published")
        head = head_of("POST", self.url, {"Content-Type": "text/plain; charset=utf-8", "Content-Length": len(line)})
        for pause in (1, 1, 2, 4, 8):
            if self.connection and select.select([self.connection], [], [], 0)[0]:
                self.close()  # the server has ended it, before this text was sent
            try:
                self.connection = self.connection or connect(self.url)
            except OSError:
                time.sleep(pause)
                continue
            try:
                self.connection.sendall(head + line)
                answer = Answer(self.connection)
                content = b"".join(answer.pieces())
                if answer.status == 202:
                    self.last = int(content)
            except (OSError, EOFError, ValueError):
                self.close()
                return self.fail(f"not known whether it was published: {text}")
            if answer.fields.get("connection", "").lower() == "close":
                self.close()
            if answer.status == 202:
                return None
            if answer.status not in (429, 503):
                return self.fail(f"refused: {answer.status} {content.decode(errors='replace').strip()}: {text}")
            time.sleep(retry_after(answer) or 0.3)
        return self.fail(f"not published: {text}")

    def fail(self, why):
        self.failed = True
        tell(why)

    def close(self):
        self.connection.close()
        self.connection = None


def client(options):
    url = options.url.rstrip("/")
    reader = Reader(url, options.last_event_id)
    try:
        answer = reader.open()
        reader.check(answer)
    except (Gone, OSError, EOFError, ValueError) as error:
        return leave(*error.args) if isinstance(error, Gone) else leave(1, error)
    threading.Thread(target=reader.follow, args=(answer,), daemon=True).start()
    publisher = Publisher(url, options.name)
    for line in open(0, "rb"):
        if line.strip().lower() == b"exit":
            break
        publisher.publish(line.removesuffix(b"\n"))
    with reader.changed:
        reader.changed.wait_for(lambda: reader.seen >= publisher.last, timeout=2)
    os._exit(publisher.failed)


if __name__ == "__main__":
    for descriptor in range(3):  # no socket may take the place of one that is closed
        try:
            os.fstat(descriptor)
        except OSError:
            os.open("/dev/null", os.O_RDWR)
    options = parse_options()
    try:
        asyncio.run(Server(options).run()) if options.role == "server" else client(options)
    except OSError as error:
        leave(1, error.strerror or error)
