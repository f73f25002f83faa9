#!/usr/bin/env python3
"""02_threaded_chat: a right program, which passes `robust` too. Wrong programs are made from it.

The server has two threads for each client: one reads its lines, the other one sends what waits for it.
"""

import argparse
import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time

MAX_LINE = 65536  # bytes, without the line end
MAX_WAITING = 1 << 20  # bytes; a client for which more waits is cut off
STEP = "02_threaded_chat"


def parse_options():
    parser = argparse.ArgumentParser(prog=STEP)
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345, choices=range(65536), metavar="PORT")
    parser.add_argument("--name", default=b"", type=lambda name: f"{name}: ".encode())
    return parser.parse_args()


class Member:
    """One client, and what waits to be sent to it. Any thread may call its methods."""

    def __init__(self, connection):
        self.connection = connection
        self.changed = threading.Condition()  # guards the rest
        self.waiting = []  # lines
        self.size = 0  # bytes in them
        self.leaves = False  # nothing more will be added
        self.sender = threading.Thread(target=self.send_what_waits, daemon=True)

    def add(self, line):
        """Has the line sent later. Never waits: it is called under the lock of the list."""
        with self.changed:
            if self.size + len(line) > MAX_WAITING:
                return self.cut_off()
            self.waiting.append(line)
            self.size += len(line)
            self.changed.notify()

    def cut_off(self):
        """Wakes both threads: recv returns nothing, and sendall fails."""
        with contextlib.suppress(OSError):  # the client may have gone by itself
            self.connection.shutdown(socket.SHUT_RDWR)

    def finish(self):
        with self.changed:
            self.leaves = True
            self.changed.notify()

    def take(self):
        """Waits for lines, and returns all of them; none when the client leaves."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting or self.leaves)
            lines, self.waiting, self.size = self.waiting, [], 0
            return b"".join(lines)

    def send_what_waits(self):
        try:
            while lines := self.take():
                self.connection.sendall(lines)
            # A socket that is closed with unread bytes sends a reset, and the client may lose the last lines.
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(2)
            deadline = time.monotonic() + 2
            while self.connection.recv(65536) and time.monotonic() < deadline:
                pass
        except OSError:
            self.cut_off()  # it has gone, or does not read: the thread that reads has to know
        self.connection.close()


members = []
lock = threading.Lock()  # guards members, and gives all clients one order of lines; nobody sends while holding it


def publish(line, sender):
    with lock:
        for member in members:
            if member is not sender:
                member.add(line)


def serve(member):
    """Reads what a client says, until it leaves."""
    with contextlib.suppress(OSError), member.connection.makefile("rb") as stream:  # a reset is an end too
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                member.add(b"error: a line has at most %d bytes\n" % MAX_LINE)
                break
            publish(line.removesuffix(b"\n").removesuffix(b"\r") + b"\n", member)
    with lock:
        members.remove(member)
    member.finish()


def accept(listener):
    try:
        connection, _ = listener.accept()
    except OSError:  # no descriptor is free: without the pause, the loop would spin
        return time.sleep(0.1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    member = Member(connection)
    member.sender.start()
    with lock:
        members.append(member)
    threading.Thread(target=serve, args=(member,), daemon=True).start()


def say_goodbye():
    """Ends the stream of each client: its threads do the rest."""
    with lock:
        leaving = list(members)
    for member in leaving:
        with contextlib.suppress(OSError):
            member.connection.shutdown(socket.SHUT_RD)
    deadline = time.monotonic() + 0.5
    for member in leaving:
        member.sender.join(max(0, deadline - time.monotonic()))


def stop_signals():
    """A socket that can be read once SIGTERM or SIGINT has come, be it before or while select waits."""
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.detach())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return woken


def server(options):
    stop = stop_signals()
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except OSError as error:
        sys.exit(f"{STEP}: bind {options.host}:{options.port}: {os.strerror(error.errno)}")
    print("listening on %s:%d" % listener.getsockname()[:2], flush=True)
    listener.setblocking(False)  # a client that select has seen may have gone again
    while stop not in select.select([listener, stop], [], [])[0]:
        accept(listener)
    say_goodbye()
    os._exit(0)


class Client:
    def __init__(self, options):
        self.name = options.name
        self.connection = socket.create_connection((options.host, options.port))
        self.leaves = False  # our half of the stream has ended

    def send_what_is_typed(self):
        with contextlib.suppress(OSError):  # the thread that prints finds out too
            for line in sys.stdin.buffer if sys.stdin else ():
                if line.strip().lower() == b"exit":
                    break
                self.connection.sendall(self.name + line.removesuffix(b"\n") + b"\n")
            self.leaves = True
            self.connection.shutdown(socket.SHUT_WR)
            time.sleep(3)  # a server that does not answer must not hold us for ever
            self.connection.shutdown(socket.SHUT_RD)

    def run(self):
        threading.Thread(target=self.send_what_is_typed, daemon=True).start()
        while chunk := self.connection.recv(65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        if not self.leaves:
            raise ConnectionError("the server has ended the conversation")


def client(options):
    status = 0
    try:
        Client(options).run()
    except OSError as error:
        print(f"{STEP}: {options.host}:{options.port}: {error.strerror or error}", file=sys.stderr, flush=True)
        status = 1
    # An ordinary exit would have to wait for the thread that reads the keyboard.
    os._exit(status)


if __name__ == "__main__":
    options = parse_options()
    server(options) if options.role == "server" else client(options)
