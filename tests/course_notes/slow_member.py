"""One member of a chat reads nothing. What do the others get?

    python3 slow_member.py URL [SECONDS]

The one that writes and the one that reads give up after so many seconds: three, if none are given.
"""
import asyncio
import socket
import sys
import time
from urllib.parse import urlparse

import websockets

MESSAGES = 500
SIZE = 60_000
PATIENCE = float(sys.argv[2]) if len(sys.argv) > 2 else 3
REQUEST = (
    "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def join_and_read_nothing(url):
    address = urlparse(url)
    slow = socket.socket()
    # Little room in the kernel, so that it is soon full.
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect((address.hostname, address.port))
    slow.sendall((REQUEST % address.netloc).encode())
    slow.recv(4096)
    return slow


async def read(socket, count):
    try:
        while True:
            await socket.recv()
            count[0] += 1
    except websockets.ConnectionClosed:
        pass


async def until_heard(count, least):
    """Waits until so many messages were heard. False if PATIENCE brings no more."""
    heard, since = count[0], time.monotonic()
    while count[0] < least and time.monotonic() < since + PATIENCE:
        await asyncio.sleep(0.01)
        if count[0] > heard:
            heard, since = count[0], time.monotonic()
    return count[0] >= least


async def main(url):
    slow = join_and_read_nothing(url)
    reader = await websockets.connect(url, max_size=None, close_timeout=0.2)
    writer = await websockets.connect(url, max_size=None, close_timeout=0.2)
    count = [0]
    tasks = [asyncio.create_task(read(reader, count)), asyncio.create_task(read(writer, [0]))]
    sent, served = 0, True
    try:
        for sent in range(1, MESSAGES + 1):
            await asyncio.wait_for(writer.send("x" * SIZE), PATIENCE)
            served = served and await until_heard(count, sent - 8)
    except (asyncio.TimeoutError, websockets.ConnectionClosed):
        print("the server takes no more")
    await until_heard(count, sent)
    print("%d messages of %d bytes were said; the member that reads got %d" % (sent, SIZE, count[0]))
    for task in tasks:
        task.cancel()
    slow.close()


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 100))
