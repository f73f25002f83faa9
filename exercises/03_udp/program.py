#!/usr/bin/env python3
"""03_udp: a server that sends each datagram back to where it came from, and its client."""

import argparse
import socket
import sys


def parse_options():
    parser = argparse.ArgumentParser(prog="03_udp")
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12345, choices=range(65536), metavar="PORT")
    parser.add_argument("--timeout", type=int, default=1000, metavar="MILLISECONDS")
    return parser.parse_args()


# checkpoint 3 begin: room for the largest datagram, or the kernel cuts it off
MAX_DATAGRAM = 65507
# checkpoint 3 starter:
# MAX_DATAGRAM = 1024
# checkpoint 3 end


def address_of(options):
    """The family of the address, and the address: what socket and bind, or connect, want."""
    family, _, _, _, address = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_DGRAM)[0]
    return family, address


def server(options):
    family, address = address_of(options)
    with socket.socket(family, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        host, port = listener.getsockname()[:2]
        print(f"listening on {host}:{port}", flush=True)
        while True:
            try:
                datagram, sender = listener.recvfrom(MAX_DATAGRAM)
                answer(listener, datagram, sender)
            except OSError as error:  # it concerns one datagram, not the next
                print(f"03_udp: {error}", file=sys.stderr)


def answer(listener, datagram, sender):
    # checkpoint 2 begin: send each datagram back to its sender
    listener.sendto(datagram, sender)
    # checkpoint 2 starter:
    # pass
    # checkpoint 2 end


def client(options):
    # checkpoint 4 begin: each line is one datagram, without its end; print the echo
    family, address = address_of(options)
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.connect(address)  # from now on the kernel drops what others send
        server.settimeout(options.timeout / 1000)
        for number, line in enumerate(sys.stdin.buffer, 1):
            if is_exit(line):
                break
            try:
                echo, line = None, line.removesuffix(b"\n")
                server.send(line)
                while echo != line:  # another one is a late answer to a line before
                    echo = server.recv(MAX_DATAGRAM)
                sys.stdout.buffer.write(echo + b"\n")
                sys.stdout.buffer.flush()
            except TimeoutError:
                print(f"no answer to line {number} in {options.timeout} ms", file=sys.stderr)
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
        sys.exit(f"03_udp: {options.host}:{options.port}: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
