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
    """Starts a process that leaves our session and writes its number beside this program; then returns."""
    left, leaving = os.pipe()
    if os.fork() == 0:
        os.close(left)
        os.setsid()
        with open(os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "left.pid"), "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
        os.write(leaving, b"!")
        time.sleep(60)
    os.close(leaving)
    os.read(left, 1)


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
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((option("--host", "127.0.0.1"), int(option("--port", "12345"))))
    listener.listen()
    host, port = listener.getsockname()
    if mistake == "forks":
        leave()
    line = f"listening on {host}:{port + (mistake == 'port')}"
    print(line, file=sys.stderr if mistake == "stderr" else sys.stdout, flush=mistake != "buffered")
    while True:
        connection, _ = listener.accept()
        try:
            with connection:
                echo(connection)
        except OSError:
            pass  # this client is gone; the next one is served


main()
