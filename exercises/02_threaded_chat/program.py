#!/usr/bin/env python3
"""02_threaded_chat: each line goes to all the others; two threads for each client, and its client."""

import argparse
import contextlib
import queue
import socket
import sys
import threading
import time

MAX_LINE = 65536  # bytes; a longer line comes in pieces
MAX_WAITING = 1000  # lines; a client that lacks more is cut off


def parse_options():
    parser = argparse.ArgumentParser(prog="02_threaded_chat")
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345, choices=range(65536), metavar="PORT")
    parser.add_argument("--name", default=b"", type=lambda name: f"{name}: ".encode())
    return parser.parse_args()


class Member:
    """One client: a thread reads what it says, another sends what waits for it."""

    def __init__(self, connection):
        self.connection = connection
        self.outbox = queue.Queue(MAX_WAITING)  # lines; None ends the thread that sends

    def end(self):
        """Wakes both threads: recv and sendall return at once."""
        with contextlib.suppress(OSError):  # it may have gone by itself
            self.connection.shutdown(socket.SHUT_RDWR)


members = []
lock = threading.Lock()  # guards members, and keeps one order for all: no thread sends while it holds it


def publish(line, sender):
    # checkpoint 2 begin: each line goes to all the others
    with lock:
        for member in members:
            if member is sender:
                continue
            try:
                member.outbox.put_nowait(line)
            except queue.Full:
                member.end()
    # checkpoint 2 starter:
    # sender.end()
    # checkpoint 2 end


def send_what_waits(member):
    with contextlib.suppress(OSError):  # it has gone
        while (line := member.outbox.get()) is not None:
            member.connection.sendall(line)
    member.end()
    member.connection.close()


def serve(member):
    """The life of the thread that reads what a client says."""
    with contextlib.suppress(OSError), member.connection.makefile("rb") as stream:  # a reset is an end too
        while line := stream.readline(MAX_LINE):
            publish(line.removesuffix(b"\n").removesuffix(b"\r") + b"\n", member)
    # checkpoint 3 begin: a client that leaves vanishes from the list, and gets what still waits for it
    with lock:
        members.remove(member)
    try:
        member.outbox.put(None, timeout=5)
    except queue.Full:
        member.end()  # it reads nothing: sendall fails now
    # checkpoint 3 end


def server(options):
    with socket.create_server((options.host, options.port), backlog=128) as listener:
        print("listening on %s:%d" % listener.getsockname()[:2], flush=True)
        while True:
            connection, _ = listener.accept()
            member = Member(connection)
            with lock:
                members.append(member)
            for work in (serve, send_what_waits):
                threading.Thread(target=work, args=(member,), daemon=True).start()


def print_what_arrives(connection):
    # checkpoint 4 begin: print what arrives, although nothing is typed
    while chunk := connection.recv(65536):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    # checkpoint 4 starter:
    # sys.exit(77)  # the client is not there yet
    # checkpoint 4 end


def send_what_is_typed(connection, name):
    # checkpoint 5 begin: send each line
    for line in sys.stdin.buffer:
        if line.strip().lower() == b"exit":
            break
        connection.sendall(name + line.removesuffix(b"\n") + b"\n")
    # checkpoint 5 starter:
    # threading.Event().wait()
    # checkpoint 5 end
    # checkpoint 6 begin: end our half of the stream, and print what still comes
    connection.shutdown(socket.SHUT_WR)
    time.sleep(3)  # a server that does not answer must not hold us for ever
    connection.shutdown(socket.SHUT_RD)
    # checkpoint 6 end


def client(options):
    with socket.create_connection((options.host, options.port)) as connection:
        threading.Thread(target=send_what_is_typed, args=(connection, options.name), daemon=True).start()
        print_what_arrives(connection)


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"02_threaded_chat: {options.host}:{options.port}: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
