#!/usr/bin/env python3
"""06_sse: a stream of events over HTTP (WHATWG, HTML, section 9.2), a thread for each connection."""

import argparse
import collections
import contextlib
import http.client
import http.server
import itertools
import queue
import socketserver
import sys
import threading
import time
from urllib.parse import parse_qs, quote, urlsplit

MAX_BODY = 65536  # bytes of a text that is published
MAX_WAITING = 1000  # events; a stream that lacks more is cut off
PAGE = b"<!DOCTYPE html><title>06 SSE</title><script>new EventSource('/events').onmessage = console.log</script>"


def parse_options():
    parser = argparse.ArgumentParser(prog="06_sse")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8006, choices=range(65536), metavar="PORT")
    client_options = roles.add_parser("client")
    client_options.add_argument("url", metavar="http://HOST:PORT")
    client_options.add_argument("--name", default="User")
    return parser.parse_args()


lock = threading.Lock()  # guards these three: no thread sends while it holds it
ids = itertools.count(1)
history = collections.deque(maxlen=1000)  # for who comes back: pairs of an id and its event
streams = []  # for each who listens a queue of events; None ends it


def publish(text, kind):
    """Puts the event into the queue of every stream; returns its id."""
    with lock:
        number = next(ids)
        # checkpoint 4 begin: every stream gets the event, and history keeps it
        event = event_of(number, text, kind)
        history.append((number, event))
        for stream in streams:
            stream.put(event if stream.qsize() < MAX_WAITING else None)
        # checkpoint 4 end
        return number


def listen(last_seen):
    """A queue for the events after the id `last_seen`; without one, for what is new."""
    stream = queue.Queue()
    with lock:
        # checkpoint 7 begin: first what was missed
        for number, event in history:
            if last_seen is not None and number > last_seen:
                stream.put(event)
        # checkpoint 7 end
        streams.append(stream)
    return stream


def event_of(number, text, kind):
    """The bytes of an event. Each line of the text is a field of its own: none breaks out of it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields = [f"id: {number}"]
    # checkpoint 5 begin: an event that has a type names it
    if kind:
        fields.append(f"event: {kind}")
    # checkpoint 5 end
    fields += [f"data: {line}" for line in text.split("\n")]
    return "\n".join(fields + ["", ""]).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # which keeps the connection
    disable_nagle_algorithm = True  # a body need not wait until the head before it is acknowledged

    def respond(self, status, body, kind="text/plain; charset=utf-8"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/events":
            self.stream()
        # checkpoint 2 begin: a browser that asks for / gets a page, and anything else is 404
        elif path == "/":
            self.respond(200, PAGE, "text/html; charset=utf-8")
        else:
            self.respond(404, b"there is no such thing here\n")
        # checkpoint 2 starter:
        # else:
        #     self.close_connection = True
        # checkpoint 2 end

    def stream(self):
        # checkpoint 3 begin: an answer that never ends: its head, then the time until a reconnection
        last_seen = self.headers.get("Last-Event-ID", "")
        events = listen(int(last_seen) if last_seen.isdecimal() else None)  # before a client sees the head
        with contextlib.suppress(OSError):  # until the client has gone
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Connection", "close")  # the end of the connection is the end of the body
            self.end_headers()
            self.wfile.write(b"retry: 2000\n\n")
            while event := next_event(events):
                self.wfile.write(event)
        with lock:
            streams.remove(events)
        # checkpoint 3 starter:
        # self.close_connection = True
        # checkpoint 3 end

    def do_POST(self):
        target = urlsplit(self.path)
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True  # the body stays where it is: no request can come behind it
            return self.respond(413, b"a text has a length of at most 64 KiB\n")
        text, fields = self.rfile.read(int(length)).decode(errors="replace"), fields_of(target.query)
        if target.path != "/publish":
            return self.respond(404, b"POST /publish\n")
        # checkpoint 6 begin: a form has its text in a field, and its fields come before those of the query
        if self.headers.get_content_type() == "application/x-www-form-urlencoded":
            fields |= fields_of(text)
            text = fields.get("text", "")
        # checkpoint 6 end
        # checkpoint 5 begin: a name stands before the text
        if "name" in fields:
            text = f"{fields['name']}: {text}"
        # checkpoint 5 end
        if any(character in fields.get("event", "") for character in "\r\n\0"):
            return self.respond(400, b"a type is one line\n")
        # checkpoint 4 begin: publish the text, and answer with its id
        number = publish(text, fields.get("event"))
        self.respond(202, f"{number}\n".encode())
        # checkpoint 4 starter:
        # self.close_connection = True
        # checkpoint 4 end


def next_event(events):
    with contextlib.suppress(queue.Empty):
        return events.get(timeout=15)
    return b":\n\n"  # a comment, which keeps the connection from falling asleep


def fields_of(query):
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True  # a restart works at once; a thread ends with the program
    request_queue_size = 128


def server(options):
    listener = Server((options.host, options.port), Handler)
    print("listening on %s:%d" % listener.server_address[:2], flush=True)
    listener.serve_forever()


class Reader:
    def __init__(self, netloc):
        self.netloc, self.wait = netloc, 2.0  # seconds until the next try
        self.seen, self.changed = None, threading.Condition()  # the id of the last event, and its guard

    def open(self):
        # checkpoint 8 begin: ask for the stream, and say what was seen last
        connection = http.client.HTTPConnection(self.netloc)
        seen = {} if self.seen is None else {"Last-Event-ID": str(self.seen)}
        connection.request("GET", "/events", headers={"Accept": "text/event-stream", **seen})
        response = connection.getresponse()
        return response if response.status == 200 else sys.exit(f"06_sse: the server answers {response.status}")
        # checkpoint 8 starter:
        # sys.exit(77)  # the client is not there yet
        # checkpoint 8 end

    def follow(self, response):
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.read(response or self.open())
            response = None
            print(f"the stream has ended; next try in {self.wait:g} s", file=sys.stderr)
            time.sleep(self.wait)

    def read(self, response):
        # checkpoint 8 begin: print the data of each event: an empty line ends it
        number, data = None, []
        for line in response:
            field, _, value = line.rstrip(b"\r\n").partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value + b"\n")
            elif field == b"id" and value.isdigit():
                number = int(value)
            elif field == b"retry" and value.isdigit():
                self.wait = int(value) / 1000
            elif line in (b"\n", b"\r\n") and data:
                sys.stdout.buffer.write(b"".join(data))
                sys.stdout.buffer.flush()
                with self.changed:
                    self.seen, data = number, []
                    self.changed.notify()
        # checkpoint 8 starter:
        # pass
        # checkpoint 8 end


def client(options):
    netloc = urlsplit(options.url).netloc
    reader = Reader(netloc)
    threading.Thread(target=reader.follow, args=(reader.open(),), daemon=True).start()
    # checkpoint 9 begin: publish each line, and leave when all of it has come back
    connection, last = http.client.HTTPConnection(netloc), 0
    for line in sys.stdin.buffer:
        if line.strip().lower() == b"exit":
            break
        connection.request("POST", f"/publish?name={quote(options.name, safe='')}", line.removesuffix(b"\n"),
                           {"Content-Type": "text/plain; charset=utf-8"})
        last = int(connection.getresponse().read())
    with reader.changed:
        reader.changed.wait_for(lambda: (reader.seen or 0) >= last, timeout=10)
    # checkpoint 9 starter:
    # threading.Event().wait()
    # checkpoint 9 end


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"06_sse: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
