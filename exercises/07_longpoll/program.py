#!/usr/bin/env python3
"""07_longpoll: a chat over requests that wait for their answer, a thread for each connection."""

import argparse
import collections
import contextlib
import http.client
import http.server
import json
import os
import socketserver
import sys
import threading
import time
from urllib.parse import parse_qs, quote, urlencode, urlsplit

MAX_BODY = 65536  # bytes of a text
MAX_WAIT = 60  # seconds: a proxy ends what is silent for longer
PAGE = b"<!DOCTYPE html><title>07 long polling</title><h1>A chat that asks for news</h1>\n"


def parse_options():
    parser = argparse.ArgumentParser(prog="07_longpoll")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8007, choices=range(65536), metavar="PORT")
    client_options = roles.add_parser("client")
    client_options.add_argument("url", metavar="http://HOST:PORT")
    client_options.add_argument("--name", default="User")
    return parser.parse_args()


EPOCH = os.urandom(8).hex()  # names this run of the server: in the next one the ids begin again
news = threading.Condition()  # guards these two, and wakes who waits for a message
messages = collections.deque(maxlen=1000)  # the last ones, with ids that rise by one
ids_of_keys = {}  # by the key of a POST the id that its text got: a second one adds nothing


def last_id():
    return messages[-1]["id"] if messages else 0


def post(name, text, key):
    """Adds a message, and wakes all who wait; returns its id."""
    with news:
        if key in ids_of_keys:
            return ids_of_keys[key]
        messages.append({"id": last_id() + 1, "name": name, "text": text})
        # checkpoint 5 begin: wake all who wait
        news.notify_all()
        # checkpoint 5 end
        if key:
            ids_of_keys[key] = last_id()
            while len(ids_of_keys) > 1000:
                del ids_of_keys[next(iter(ids_of_keys))]  # the oldest
        return last_id()


def ask(after, wait, epoch):
    """What is newer than the id `after`, at the latest after `wait` seconds."""
    with news:
        other_run = epoch not in (None, EPOCH)
        after = 0 if other_run else after
        # checkpoint 5 begin: while there is no news, wait for it, but not for ever
        if not other_run:
            news.wait_for(lambda: last_id() > after, timeout=wait)
        # checkpoint 5 end
        # checkpoint 4 begin: all messages with an id above `after`
        newer = [message for message in messages if message["id"] > after]
        # checkpoint 4 starter:
        # newer = []
        # checkpoint 4 end
        gap = other_run or bool(newer) and newer[0]["id"] > after + 1
        return {"messages": newer, "last": last_id(), "gap": gap, "epoch": EPOCH}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # which keeps the connection
    disable_nagle_algorithm = True  # a body need not wait until the head before it is acknowledged

    def respond(self, status, body, kind="text/plain; charset=utf-8"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def respond_in_json(self, status, value):
        self.respond(status, json.dumps(value).encode(), "application/json")

    def do_GET(self):
        target = urlsplit(self.path)
        fields = fields_of(target.query)
        if target.path == "/messages":
            after, wait = fields.get("after", "0"), fields.get("wait", "25")
            if not (after.isdecimal() and wait.isdecimal() and int(wait) <= MAX_WAIT):
                return self.respond(400, b"after and wait are numbers, and wait is at most 60\n")
            self.respond_in_json(200, ask(int(after), int(wait), fields.get("epoch")))
        # checkpoint 2 begin: a browser that asks for / gets a page, and anything else is 404
        elif target.path == "/":
            self.respond(200, PAGE, "text/html; charset=utf-8")
        else:
            self.respond(404, b"there is no such thing here\n")
        # checkpoint 2 starter:
        # else:
        #     self.close_connection = True
        # checkpoint 2 end

    def do_POST(self):
        target = urlsplit(self.path)
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True  # the body stays where it is: no request can come behind it
            return self.respond(413, b"a text has a length of at most 64 KiB\n")
        text = self.rfile.read(int(length)).decode(errors="replace")
        if target.path != "/messages":
            return self.respond(404, b"POST /messages\n")
        # checkpoint 3 begin: add the message, and answer 201 with its id
        number = post(fields_of(target.query).get("name", "User"), text, self.headers.get("Idempotency-Key"))
        self.respond_in_json(201, {"id": number, "epoch": EPOCH})
        # checkpoint 3 starter:
        # self.close_connection = True
        # checkpoint 3 end


def fields_of(query):
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True  # a restart works at once; a thread ends with the program
    request_queue_size = 128


def server(options):
    listener = Server((options.host, options.port), Handler)
    print("listening on %s:%d" % listener.server_address[:2], flush=True)
    listener.serve_forever()


class Chat:
    """The server, as a client sees it: one connection of its own for each thread that asks."""

    def __init__(self, netloc):
        self.netloc, self.connections = netloc, threading.local()

    def request(self, method, target, body=None, fields={}):
        """The JSON of the answer. Asks again, on a new connection, until there is one."""
        for pause in (0.1, 0.5, 1, 2, 4, 8):
            with contextlib.suppress(ConnectionResetError, BrokenPipeError, http.client.HTTPException):
                if not hasattr(self.connections, "open"):
                    self.connections.open = http.client.HTTPConnection(self.netloc, timeout=90)
                self.connections.open.request(method, target, body, fields)
                response = self.connections.open.getresponse()
                content = response.read()
                if response.status >= 400:
                    raise OSError(f"the server answers {response.status}")
                return json.loads(content)
            del self.connections.open
            time.sleep(pause)
        raise OSError("the server is gone")


class Reader:
    """Asks for what is new, again and again, and prints it."""

    def __init__(self, chat):
        self.chat, self.changed = chat, threading.Condition()
        start = chat.request("GET", "/messages?wait=0")  # where the chat is: what was before is not ours
        self.last, self.epoch = start["last"], start["epoch"]

    def follow(self):
        # checkpoint 6 begin: ask after the last id that came, and print what is new
        while True:
            query = urlencode({"after": self.last, "wait": 25, "epoch": self.epoch})
            answer = self.chat.request("GET", f"/messages?{query}")
            for message in answer["messages"]:
                print(f"{message['name']}: {message['text']}", flush=True)
            with self.changed:
                self.last, self.epoch = answer["last"], answer["epoch"]
                self.changed.notify()
        # checkpoint 6 starter:
        # pass
        # checkpoint 6 end


def client(options):
    # checkpoint 6 begin: a thread reads what is new; this one posts each line, with a key of its own
    chat, last = Chat(urlsplit(options.url).netloc), 0
    reader = Reader(chat)
    threading.Thread(target=reader.follow, daemon=True).start()
    for line in sys.stdin.buffer:
        if is_exit(line):
            break
        fields = {"Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": os.urandom(8).hex()}
        target = f"/messages?name={quote(options.name, safe='')}"
        last = chat.request("POST", target, line.removesuffix(b"\n"), fields)["id"]
    # checkpoint 6 starter:
    # sys.exit(77)  # the client is not there yet
    # checkpoint 6 end
    # checkpoint 7 begin: leave when all that we have said has come back
    with reader.changed:
        reader.changed.wait_for(lambda: reader.last >= last, timeout=10)
    # checkpoint 7 end


def is_exit(line):
    # checkpoint 7 begin: leave at the word exit
    return line.strip().lower() == b"exit"
    # checkpoint 7 starter:
    # return False
    # checkpoint 7 end


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"07_longpoll: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
