# Python's websockets package against the server of 04: python3 websockets_client.py URL
import asyncio
import os
import sys

import websockets


async def main(url):
    async with websockets.connect(url, max_size=None) as socket:
        # Offered, and not agreed to: nothing is compressed. Since version 14 the protocol has its own object.
        extensions = getattr(socket, "protocol", socket).extensions
        assert extensions == [], extensions
        for message in ["", "Привіт 👋", "x" * 65536, b"", bytes(range(256)), os.urandom(1 << 20)]:
            await socket.send(message)
            echo = await socket.recv()
            assert echo == message, (message[:20], echo[:20])
        # One message in three fragments.
        await socket.send(["При", "віт", " 👋"])
        assert await socket.recv() == "Привіт 👋"
        await asyncio.wait_for(await socket.ping(b"are you there?"), 10)
    assert (socket.close_code, socket.close_reason) == (1000, ""), socket.close_code
    print("all came back")


asyncio.run(main(sys.argv[1]))
