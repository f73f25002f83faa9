"""What a request costs the server of 06_sse while other clients are idle: its processor time.

    idle_clients.py PORT NUMBER /proc/PID/stat
"""
import os
import socket
import sys

REQUESTS = 2000
STREAM = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
REQUEST = b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"


def processor_seconds(stat):
    """What the process has taken until now: proc_pid_stat(5), fields 14 and 15."""
    with open(stat, encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(connection, request, end):
    """Sends a request, and receives until what has come ends so."""
    connection.sendall(request)
    received = b""
    while not received.endswith(end):
        chunk = connection.recv(65536)
        if not chunk:
            sys.exit(f"the server has ended a connection after {received!r}")
        received += chunk


port, number, stat = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(number)]
for client in clients:
    ask(client, STREAM, b"retry: 2000\n\n")
with socket.create_connection(("127.0.0.1", port)) as connection:
    before = processor_seconds(stat)
    for _ in range(REQUESTS):
        ask(connection, REQUEST, b"address\n")
    passed = processor_seconds(stat) - before
print(f"{number} idle: {passed / REQUESTS * 1e6:.0f} µs for a request")
