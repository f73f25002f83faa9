"""Fifty clients reset their connections while somebody talks. How much does one who listens hear?

    python3 rude_clients.py PORT      a chat server listens on PORT of this machine
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
count = -1
while count < len(heard) and "line 1999\n" not in heard[-1:]:  # until two seconds bring nothing
    count = len(heard)
    time.sleep(2)
print(len({line for line in heard if line.startswith("line ")}), "of 2000 lines were heard")
listener.shutdown(socket.SHUT_RDWR)
