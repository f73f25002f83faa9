# An echo server with Python's websockets package, for the client of 04. It pings before each echo.
import asyncio

import websockets


async def echo(socket):
    async for message in socket:
        await asyncio.wait_for(await socket.ping(b"before the echo"), 10)
        await socket.send(message)
    print("closed:", socket.close_code, flush=True)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
        print("listening on 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
