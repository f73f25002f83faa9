"""Fifty clients reset their connections while somebody talks. How much does one who listens hear?

    python3 rude_clients.py PORT [SECONDS]      a chat server listens on PORT of this machine

Who listens gives up when so many seconds bring nothing: two, if none are given.
"""
import socket
import struct
import sys
import threading
import time


def connect():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


talker = connect()
rude = [connect() for _ in range(50)]
listener = connect()
heard = []


def listen():
    for line in listener.makefile():
        heard.append(line)


thread = threading.Thread(target=listen, daemon=True)
thread.start()
while not heard:  # until the server has let the listener in
    talker.sendall(b"start\n")
    time.sleep(0.1)
try:
    for number in range(2000):
        talker.sendall(b"line %d\n" % number)
        if number % 40 == 20:
            reset(rude.pop())
    talker.shutdown(socket.SHUT_WR)
except OSError:
    pass  # the server has thrown the talker out
patience = float(sys.argv[2]) if len(sys.argv) > 2 else 2
count, since = len(heard), time.monotonic()
while "line 1999\n" not in heard[-1:] and time.monotonic() < since + patience:
    time.sleep(0.1)
    if len(heard) > count:
        count, since = len(heard), time.monotonic()
print(len({line for line in heard if line.startswith("line ")}), "of 2000 lines were heard")
listener.shutdown(socket.SHUT_RDWR)
