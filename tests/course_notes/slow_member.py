# One member of a chat reads nothing: what do the others get? python3 slow_member.py URL
import asyncio
import socket
import sys
from urllib.parse import urlparse

import websockets

MESSAGES = 500
SIZE = 60_000


async def read(socket, count):
    while True:
        await socket.recv()
        count[0] += 1


async def main(url):
    # Little room in the kernel, and a queue of one message: then its socket is read no more.
    address = urlparse(url)
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect((address.hostname, address.port))
    slow = await websockets.connect(url, sock=small, max_queue=1)
    reader = await websockets.connect(url, max_size=None)
    count = [0]
    reading = asyncio.create_task(read(reader, count))
    writer = await websockets.connect(url, max_size=None)
    writer_reading = asyncio.create_task(read(writer, [0]))

    async def write():
        for _ in range(MESSAGES):
            await writer.send("x" * SIZE)
            await asyncio.sleep(0.005)

    try:
        await asyncio.wait_for(write(), 15)
    except (asyncio.TimeoutError, websockets.ConnectionClosed):
        pass
    await asyncio.sleep(1)
    print("%d messages of %d bytes were sent; the member that reads got %d" % (MESSAGES, SIZE, count[0]))
    for task in (reading, writer_reading):
        task.cancel()
    slow.transport.abort()


asyncio.run(main(sys.argv[1]))
