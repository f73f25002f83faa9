#!/usr/bin/env python3
"""A server for 01 that can be made wrong by one word: the grader's tests name it in the program's name.

echo.py is right; links to it have the mistake in their name: echo-strips, echo-silent, and so on.
"""
import os
import signal
import socket
import sys
import time

mistake = os.path.basename(os.path.realpath(sys.argv[0])).removeprefix("echo").removesuffix(".py").strip("-")
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


def leave():
    """Starts a process that leaves our session and adds its number to a file beside this program; then returns."""
    left, leaving = os.pipe()
    if os.fork() == 0:
        os.close(left)
        os.setsid()
        with open(os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "left.pids"), "a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        os.write(leaving, b"!")
        time.sleep(60)
    os.close(leaving)
    os.read(left, 1)


def multiply():
    """Starts processes that start processes: 512 in all, since a test must not bring a machine down."""
    for _ in range(9):
        os.fork()
    time.sleep(60)


def fill():
    """Makes files in the folder in which it runs, and does not end."""
    number = 0
    while True:
        with open(f"file {number}", "wb"):
            number += 1


def option(name, default):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def echo(connection):
    while data := connection.recv(65536):
        connection.sendall(data.rstrip(b"\n") if mistake == "strips" else data)


def main():
    if sys.argv[1:2] != ["server"]:
        sys.exit(77)
    if mistake == "crashes":
        raise RuntimeError("no such luck")
    time.sleep(2 if mistake == "slow" else 0)
    what_else = {"forks": leave, "multiplies": multiply, "fills": fill}
    what_else.get(mistake, lambda: None)()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((option("--host", "127.0.0.1"), int(option("--port", "12345"))))
    listener.listen()
    host, port = listener.getsockname()
    line = f"listening on {host}:{port + (mistake == 'port')}"
    print(line, file=sys.stderr if mistake == "stderr" else sys.stdout, flush=mistake != "buffered")
    if mistake == "leaves":
        listener.close()
        sys.exit(3)
    while True:
        connection, _ = listener.accept()
        try:
            with connection:
                echo(connection)
        except OSError:
            pass  # this client is gone; the next one is served


main()
