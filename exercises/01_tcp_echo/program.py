#!/usr/bin/env python3
"""01_tcp_echo: a server that sends back what it gets, one client after the other, and its client."""

import argparse
import socket
import sys


def parse_options():
    parser = argparse.ArgumentParser(prog="01_tcp_echo")
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345, choices=range(65536), metavar="PORT")
    return parser.parse_args()


def echo(connection):
    """Sends back what this client sends, until it ends its side."""
    # checkpoint 2 begin: send every byte back
    while chunk := connection.recv(65536):  # no bytes: the client has ended its side
        connection.sendall(chunk)
    # checkpoint 2 end


def serve_one(listener):
    connection, _ = listener.accept()
    with connection:
        try:
            echo(connection)
        except OSError as error:  # this client is gone; the next one may be well
            print(f"01_tcp_echo: {error}", file=sys.stderr)


def server(options):
    with socket.create_server((options.host, options.port)) as listener:
        host, port = listener.getsockname()[:2]
        print(f"listening on {host}:{port}", flush=True)  # a pipe keeps a line that is not flushed
        # checkpoint 3 begin: serve the next client when this one has left
        while True:
            serve_one(listener)
        # checkpoint 3 starter:
        # serve_one(listener)
        # checkpoint 3 end


def receive(connection, size):
    """Receives `size` bytes: recv alone may return a part of them."""
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            raise ConnectionError("the server has ended the connection")
        received += chunk
    return received


def client(options):
    # checkpoint 4 begin: send each line of standard input, and print its echo
    with socket.create_connection((options.host, options.port)) as connection:
        for line in sys.stdin.buffer:
            if is_exit(line):
                break
            connection.sendall(line)
            sys.stdout.buffer.write(receive(connection, len(line)))
            sys.stdout.buffer.flush()
    # checkpoint 4 starter:
    # sys.exit(77)  # the client is not there yet
    # checkpoint 4 end


def is_exit(line):
    # checkpoint 5 begin: leave at the word exit, which is not sent
    return line.strip().lower() == b"exit"
    # checkpoint 5 starter:
    # return False
    # checkpoint 5 end


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"01_tcp_echo: {options.host}:{options.port}: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
