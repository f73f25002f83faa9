#!/usr/bin/env python3
"""01_tcp_echo, a right program: it passes `basic` and `robust`. Mistakes are made in copies of it."""

import argparse
import os
import select
import signal
import socket
import sys
import threading


def parse_options():
    parser = argparse.ArgumentParser(prog="01_tcp_echo")
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345)
    return parser.parse_args()


def echo(connection):
    """Sends back what this client sends, until it ends its side."""
    while chunk := connection.recv(65536):
        connection.sendall(chunk)


def serve(listener):
    """The life of the thread that serves one client after the other."""
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                echo(connection)
            except OSError as error:  # it concerns this client, not the next
                print(f"01_tcp_echo: a client: {error.strerror}", file=sys.stderr)


def server(options):
    signals = {signal.SIGINT, signal.SIGTERM}
    # Blocked, they wait for sigwait. A handler that runs just before recv begins to wait would come too early.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    listener = socket.socket()
    # Without it, connections of an earlier server in TIME_WAIT keep the port for a minute.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    listener.listen()
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    signal.sigwait(signals)
    os._exit(0)  # without a wait for the other thread


def exchange(connection, line):
    """Sends the line and prints its echo as it comes. Both at once: a server that cannot send does not receive."""
    to_send, to_receive = memoryview(line), len(line)
    while to_receive > 0:
        readable, writable, _ = select.select([connection], [connection] if to_send else [], [])
        if writable:
            to_send = to_send[connection.send(to_send):]  # send may take a part
        if readable:
            chunk = connection.recv(min(to_receive, 65536))
            if not chunk:
                raise ConnectionError("the server has ended the connection")
            to_receive -= len(chunk)
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def is_exit(line):
    return line.strip().lower() == b"exit"


def client(options):
    with socket.create_connection((options.host, options.port)) as connection:
        connection.setblocking(False)  # send takes what fits, and does not wait
        for line in sys.stdin.buffer:
            if is_exit(line):
                break
            exchange(connection, line)


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"01_tcp_echo: {options.host}:{options.port}: {error.strerror or error}")
