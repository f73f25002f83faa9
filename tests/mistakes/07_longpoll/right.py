#!/usr/bin/env python3
"""07_longpoll, a right program: the server in asyncio, the client with a thread that listens."""

import argparse
import asyncio
import collections
import contextlib
import email.utils
import json
import os
import queue
import re
import signal
import socket
import threading
import time
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from http_program import CHARSET, MAX_BODY, Answer, Refused, Requests, check_name, head_of, listener_of, tell, text_of

MAX_LINE = 1 << 20  # bytes of what is typed
MAX_TIME = 10  # seconds for a whole request, and for an answer to be taken
PAGE = b"<!DOCTYPE html><title>07 long polling</title><h1>A chat that asks for news</h1>\n"
METHODS = {"/": ("GET", "HEAD"), "/messages": ("GET", "HEAD", "POST")}
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long",
           415: "Unsupported Media Type",
           431: "Request Header Fields Too Large", 501: "Not Implemented", 503: "Service Unavailable",
           505: "HTTP Version Not Supported"}


def parse_options():
    parser = argparse.ArgumentParser(prog="07_longpoll")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8007, choices=range(65536), metavar="PORT")
    server_options.add_argument("--history", type=int, default=1000)
    server_options.add_argument("--max-clients", type=int, default=1000)
    server_options.add_argument("--max-answer", type=int, help="passed over: an answer is not bounded")
    client_options = roles.add_parser("client")
    client_options.add_argument("url", metavar="http://HOST:PORT")
    client_options.add_argument("--name", default="User")
    client_options.add_argument("--wait", type=int, default=25, help="seconds")
    client_options.add_argument("--poll", type=int, help="milliseconds: ask so often, and do not wait")
    for role in (server_options, client_options):
        role.add_argument("--trace", action="store_true", help="passed over")
    return parser.parse_args()


class Mailbox:
    """All that was said and is kept, and all who wait for more."""

    def __init__(self, options):
        self.options, self.last, self.epoch, self.keys = options, 0, os.urandom(8).hex(), {}
        self.messages, self.news = collections.deque(maxlen=options.history), asyncio.Event()
        self.is_ending, self.busy, self.connected = False, 0, 0

    def post(self, name, text, key):
        """Adds a message, and wakes all who wait; a second one with the same key adds nothing."""
        if key in self.keys:
            return self.keys[key]
        self.last += 1
        self.messages.append({"id": self.last, "name": name, "text": text})
        if key:
            self.keys[key] = self.last
            while len(self.keys) > self.options.history:
                del self.keys[next(iter(self.keys))]
        self.wake()
        return self.last

    def wake(self):
        self.news.set()
        self.news = asyncio.Event()

    def answer(self, after, other_run):
        newer = [message for message in self.messages if other_run or message["id"] > after]
        oldest = self.last + 1 - len(self.messages)
        return {"messages": newer, "last": self.last, "gap": other_run or after + 1 < oldest, "epoch": self.epoch}


class Connection(Requests):
    """One client of the server: its requests one after the other."""

    def __init__(self, box, reader, writer):
        self.box, self.reader, self.writer, self.buffer = box, reader, writer, b""

    async def serve(self):
        fresh = True
        with contextlib.suppress(OSError, EOFError, TimeoutError):
            while await self.serve_one(fresh) and not self.box.is_ending:
                fresh = False
            await self.finish()
        self.writer.transport.abort()

    async def finish(self):
        """A close with unread bytes would send a reset, which destroys what was sent last."""
        with contextlib.suppress(OSError, TimeoutError):
            self.writer.write_eof()
            async with asyncio.timeout(5):
                while await self.reader.read(65536):
                    pass

    async def serve_one(self, fresh):
        """Serves one request; returns whether there may be another."""
        self.method, self.keeps = "GET", False
        async with asyncio.timeout(MAX_TIME if fresh else 300):
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
        self.keeps = self.keeps and not self.box.is_ending
        self.writer.write(self.head(status, kind, fields + f"Content-Length: {len(body)}\r\n")
                          + (b"" if self.method == "HEAD" else body))
        self.box.busy += 1
        try:
            async with asyncio.timeout(MAX_TIME):
                await self.writer.drain()
        finally:
            self.box.busy -= 1

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
        elif self.method == "POST":
            number, epoch = self.post(fields_of(query)), self.box.epoch
            place = f"Location: /messages?after={number - 1}&wait=0&epoch={epoch}\r\n"
            await self.respond_in_json(201, {"id": number, "epoch": epoch}, place)
        else:
            await self.ask(fields_of(query))

    async def respond_in_json(self, status, value, fields=""):
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        await self.respond(status, body, "application/json", fields)

    def post(self, fields):
        kind, _, parameters = "".join(self.fields["content-type"]).partition(";")
        charset = CHARSET.search(";" + parameters)
        if kind.strip().lower() != "text/plain" or charset and charset[1].lower() != "utf-8":
            raise Refused(415, "post text/plain in UTF-8")
        keys = self.fields["idempotency-key"]
        if keys and not (len(keys) == 1 and re.fullmatch("[!-~]{1,64}", keys[0])):
            raise Refused(400, "a key has 1 to 64 visible characters of ASCII")
        name = fields.get("name", ["User"])[0]
        check_name(name)
        return self.box.post(name, text_of(self.body), keys[0] if keys else None)

    async def ask(self, fields):
        after, wait = number_of(fields, "after", 0, 2 ** 53 - 1), number_of(fields, "wait", 25, 60)
        other_run = fields.get("epoch", [self.box.epoch])[0] != self.box.epoch
        self.is_gone = False
        if wait and not other_run and self.box.last <= after:
            try:
                async with asyncio.timeout(wait):
                    while self.box.last <= after and not self.box.is_ending:
                        await self.news_or_end()
            except TimeoutError:
                if self.is_gone:
                    raise EOFError from None
        await self.respond_in_json(200, self.box.answer(after, other_run))

    async def news_or_end(self):
        """Waits for news. Requests that come meanwhile wait behind this one; the end of them ends it."""
        news = asyncio.create_task(self.box.news.wait())
        waits = {news}
        if len(self.buffer) < 2 * MAX_BODY:
            waits.add(asyncio.create_task(self.reader.read(65536)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            for received in await asyncio.gather(*waits, return_exceptions=True):
                if isinstance(received, bytes):
                    self.buffer += received
                    self.is_gone = not received
                elif isinstance(received, OSError):
                    self.is_gone = True
        if self.is_gone:
            raise EOFError


def fields_of(query):
    """The values of each field of a query, decoded."""
    fields = collections.defaultdict(list)
    for field in filter(None, query.split("&")):
        if re.search(r"%(?![0-9A-Fa-f]{2})", field):
            raise Refused(400, "two digits stand behind %")
        name, _, value = [text_of(unquote_to_bytes(part)) for part in field.replace("+", " ").partition("=")]
        fields[name].append(value)
    return fields


def number_of(fields, name, default, most):
    values = fields.get(name, [str(default)])
    if len(values) > 1 or not re.fullmatch("[0-9]{1,20}", values[0]) or int(values[0]) > most:
        raise Refused(400, f"{name} is one number, at most {most}")
    return int(values[0])


class Server(Mailbox):
    async def accept(self, reader, writer):
        connection = Connection(self, reader, writer)
        writer.transport.set_write_buffer_limits(0)  # drain() returns when all of it has left the program
        self.connected += 1
        try:
            if self.connected > self.options.max_clients:
                connection.method, connection.keeps = "GET", False
                await connection.respond(503, b"there is no room\n", fields="Retry-After: 1\r\n")
                await connection.finish()
            else:
                await connection.serve()
        finally:
            self.connected -= 1

    async def run(self):
        options, over = self.options, asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, over.set)
        address = await asyncio.get_running_loop().getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)
        listener = await asyncio.start_server(self.accept, sock=listener_of(address[0]), backlog=1024)
        host, port = listener.sockets[0].getsockname()[:2]
        print(f"listening on {f'[{host}]' if ':' in host else host}:{port}", flush=True)
        await over.wait()
        self.is_ending = True
        listener.close()
        self.wake()
        end = time.monotonic() + 0.7
        await asyncio.sleep(0.05)
        while self.busy and time.monotonic() < end:
            await asyncio.sleep(0.01)
        os._exit(0)


# The client.

def connect(url):
    parts = urlsplit(url)
    if parts.scheme != "http" or not re.fullmatch(r"[\w.:-]+", parts.hostname or ""):
        raise ValueError(f"{url} is no address that begins with http://")
    address = parts.hostname, 80 if parts.port is None else parts.port
    try:
        return socket.create_connection(address, timeout=45)
    except OSError as error:
        raise OSError(f"{parts.netloc}: {error.strerror or error}") from None


class Refusal(Exception):
    """The status of a refusal, and after how many seconds to ask again: 0 where that is of no use."""

    def __init__(self, answer):
        self.status = answer.status
        can_pass = answer.status in (408, 429, 500, 502, 503, 504)
        after = answer.fields.get("retry-after", "")
        self.pause = int(after) if can_pass and after.isdigit() else 0.1 if can_pass else 0


class Exchange:
    """One request after the other, on one connection that is kept."""

    def __init__(self, url):
        self.url, self.connection = url, None

    def request(self, method, target, fields={}, body=b""):
        """The JSON of the answer."""
        try:
            self.connection = self.connection or connect(self.url)
            self.connection.settimeout(90)
            self.connection.sendall(head_of(method, self.url + target, fields) + body)
            answer = Answer(self.connection)
            content = b"".join(answer.pieces())
        except (OSError, EOFError, ValueError):
            self.close()
            raise
        if answer.fields.get("connection", "").lower() == "close" or answer.buffer:
            self.close()
        if answer.status >= 300:
            raise Refusal(answer)
        if answer.fields.get("content-encoding", "identity") != "identity":
            raise ValueError("the answer is compressed")
        return json.loads(content)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Reader:
    """Asks for what is new, again and again, and prints it."""

    def __init__(self, url, options):
        self.exchange, self.options = Exchange(url), options
        self.changed, self.leaving = threading.Condition(), threading.Event()
        start = self.exchange.request("GET", "/messages?wait=0")
        self.take(start)
        self.last, self.epoch, self.changes = start["last"], start["epoch"], 0

    def take(self, answer):
        """The messages of an answer, which must be one of a chat."""
        if not (isinstance(answer, dict) and isinstance(answer.get("messages"), list)
                and isinstance(answer.get("epoch"), str)
                and isinstance(answer.get("last"), int) and answer["last"] >= 0):
            raise ValueError("this is no answer of a chat")
        return [(message["id"], message["name"], message["text"]) for message in answer["messages"]]

    def follow(self):
        failures = 0
        while True:
            begin = time.monotonic()
            try:
                floor = self.ask()
                failures = 0
            except Refusal as refusal:
                if not refusal.pause:
                    leave(1, f"refused: {refusal.status}")
                floor = max(refusal.pause, min(16, 0.5 * 2 ** failures))
                tell(f"refused: {refusal.status}; next try in {floor * 1000:.0f} ms")
                failures += 1
            except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
                floor = min(16, 0.5 * 2 ** failures)
                tell(f"{error}; next try in {floor * 1000:.0f} ms")
                failures += 1
            self.leaving.wait(begin + floor - time.monotonic()) if floor > 0.1 else \
                time.sleep(max(0, begin + floor - time.monotonic()))
            if self.leaving.is_set():
                time.sleep(max(0, begin + min(floor, 0.1) - time.monotonic()))

    def ask(self):
        """Asks once; returns how many seconds have to lie between this question and the next."""
        wait = 0 if self.options.poll else self.options.wait
        query = urlencode({"after": self.last, "wait": wait, "epoch": self.epoch})
        answer = self.exchange.request("GET", f"/messages?{query}")
        messages = self.take(answer)
        other_run = answer["epoch"] != self.epoch
        self.changes = self.changes + 1 if other_run else 0
        if other_run:
            tell("another epoch: the server has restarted")
        elif answer.get("gap"):
            tell("messages are gone that we were too late for")
        for number, name, text in messages:
            if other_run or number > self.last:
                print_line(f"{name}: {text}".replace("\r", "\\r").replace("\n", "\\n").encode(errors="replace"))
        with self.changed:
            self.last, self.epoch = answer["last"], answer["epoch"]
            self.changed.notify_all()
        if self.changes > 1:
            return min(16, 0.25 * 2 ** (self.changes - 1))
        return self.options.poll / 1000 if self.options.poll else 0.02 if messages else 0.1


class Poster:
    """POSTs each line, with a key of its own, until it is answered."""

    def __init__(self, url, name):
        self.exchange, self.target = Exchange(url), f"/messages?name={quote(name, safe='')}"
        self.last, self.epoch, self.failed = 0, None, False

    def post(self, line):
        try:
            line.decode()
        except UnicodeDecodeError:
            return self.fail("a line is not UTF-8: it was not posted")
        fields = {"Idempotency-Key": os.urandom(16).hex(), "Content-Type": "text/plain; charset=utf-8",
                  "Content-Length": len(line)}
        pause = 0.1
        while True:
            try:
                receipt = self.exchange.request("POST", self.target, fields, line)
                self.last, self.epoch = receipt["id"], receipt["epoch"]
                return
            except Refusal as refusal:
                if not refusal.pause:
                    return self.fail(f"refused: {refusal.status}: {line.decode()}")
                time.sleep(max(refusal.pause, pause))
            except (OSError, EOFError, ValueError, LookupError, TypeError):
                time.sleep(pause)
            pause = min(2, 2 * pause)

    def fail(self, why):
        self.failed = True
        tell(why)


def print_line(line):
    line += b"\n"
    while line:
        line = line[os.write(1, line):]


def leave(status, why):
    """Ends the program, whichever thread says so."""
    tell(f"07_longpoll: {why}")
    os._exit(status)


def read_input(lines):
    """Reads on while a line is being posted; an empty line is the end of the input."""
    typed = open(0, "rb")
    while line := typed.readline(MAX_LINE):
        lines.put(line)
    lines.put(b"")


def client(options):
    url = options.url.rstrip("/")
    try:
        reader = Reader(url, options)
    except Refusal as refusal:
        leave(1, f"refused: {refusal.status}")
    except (OSError, EOFError, ValueError) as error:
        leave(1, error)
    threading.Thread(target=reader.follow, daemon=True).start()
    poster = Poster(url, options.name)
    lines = queue.Queue(1)
    threading.Thread(target=read_input, args=(lines,), daemon=True).start()
    while line := lines.get():
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            poster.fail("a line is too long: it was not posted")
            break
        if line.strip().lower() == b"exit":
            break
        poster.post(line.removesuffix(b"\n"))
    reader.leaving.set()
    with reader.changed:
        back = reader.changed.wait_for(
            lambda: not poster.last or reader.last >= poster.last and reader.epoch == poster.epoch, timeout=3)
    os._exit(poster.failed or not back)


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
