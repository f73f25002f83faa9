#!/usr/bin/env python3
"""03_udp, a right program: it passes `basic` and `robust`. Mistakes are made in copies of it."""

import argparse
import os
import signal
import socket
import sys
import threading
import time

MAX_DATAGRAM = 65507  # bytes: the most over IPv4


def parse_options():
    parser = argparse.ArgumentParser(prog="03_udp")
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345)
    parser.add_argument("--timeout", type=int, default=1000, metavar="MILLISECONDS")
    return parser.parse_args()


def serve(listener):
    """The life of the thread that serves all clients."""
    while True:
        try:
            datagram, sender = listener.recvfrom(MAX_DATAGRAM)
            listener.sendto(datagram, sender)
        except OSError as error:  # it concerns one datagram, not the next
            print(f"03_udp: {error.strerror}", file=sys.stderr)


def server(options):
    signals = {signal.SIGINT, signal.SIGTERM}
    # Blocked, they wait for sigwait. A handler that runs just before recvfrom begins to wait would come too early.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    listener = socket.socket(type=socket.SOCK_DGRAM)
    listener.bind((options.host, options.port))
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    signal.sigwait(signals)
    os._exit(0)  # without a wait for the other thread


def ask(options, line):
    """Sends the line, and returns whether its echo comes back in time."""
    deadline = time.monotonic() + options.timeout / 1000
    # A socket for each line: a late echo of another line goes to a port that nobody has any more.
    with socket.socket(type=socket.SOCK_DGRAM) as connection:
        connection.connect((options.host, options.port))  # the kernel drops what others send
        connection.send(line)
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                if connection.recv(MAX_DATAGRAM) == line:
                    return True
            except ConnectionRefusedError:  # nobody listens: somebody may, before the time is over
                pass
            except TimeoutError:
                break
    return False


def client(options):
    for number, line in enumerate(sys.stdin.buffer, 1):
        line = line.removesuffix(b"\n")
        if is_exit(line):
            break
        if len(line) > MAX_DATAGRAM:
            print(f"line {number} has {len(line)} bytes, and a datagram at most {MAX_DATAGRAM}", file=sys.stderr)
        elif ask(options, line):
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
        else:
            print(f"no answer to line {number} in {options.timeout} ms", file=sys.stderr)


def is_exit(line):
    return line.strip().lower() == b"exit"


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"03_udp: {options.host}:{options.port}: {error.strerror or error}")
