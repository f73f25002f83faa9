#!/usr/bin/env python3
"""05_ws_chat: a chat over WebSocket, in one thread: asyncio waits for all sockets at once."""

import argparse
import asyncio
import base64
import hashlib
import os
import struct
import sys
import threading
from urllib.parse import parse_qs, quote, urlsplit

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MAX_PAYLOAD = 1 << 20  # bytes: a longer message ends the connection
MAX_WAITING = 8 << 20  # bytes: a member that lacks more is cut off
GONE = (OSError, EOFError, asyncio.LimitOverrunError)  # how a connection ends that does not say goodbye


def parse_options():
    parser = argparse.ArgumentParser(prog="05_ws_chat")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8000, choices=range(65536), metavar="PORT")
    client_options = roles.add_parser("client")
    client_options.add_argument("url", metavar="ws://HOST:PORT/ws")
    client_options.add_argument("--name", default="")
    return parser.parse_args()


def accept_value(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


async def read_head(reader):
    """The first line of a request or an answer, and its fields by their names in lower case."""
    head = await reader.readuntil(b"\r\n\r\n")  # at most 64 KiB
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    fields = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in fields}


def masked(payload, key):
    repeated = key * (len(payload) // 4 + 1)
    return bytes(byte ^ mask for byte, mask in zip(payload, repeated))


def frame(opcode, payload, key=None):
    """The bytes of a frame that is a whole message. A client masks it with a key."""
    mask_bit, size = 0x80 if key else 0, len(payload)
    if size <= 125:
        length = bytes([mask_bit | size])
    elif size <= 0xFFFF:
        length = struct.pack(">BH", mask_bit | 126, size)
    else:
        length = struct.pack(">BQ", mask_bit | 127, size)
    return bytes([0x80 | opcode]) + length + (key + masked(payload, key) if key else payload)


async def read_frame(reader, room):
    """The next frame: its FIN bit, its opcode, and its payload of at most `room` bytes without the mask."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    if size > room:
        raise ConnectionError("the message is too long")
    key = await reader.readexactly(4) if second & 0x80 else bytes(4)
    return first & 0x80, first & 0x0F, masked(await reader.readexactly(size), key)


class Peer:
    """The other end of an open WebSocket."""

    def __init__(self, reader, writer, is_client=False):
        self.reader, self.writer, self.is_client = reader, writer, is_client

    def send(self, opcode, payload):
        """Sends what the socket takes, and keeps the rest for later: nobody waits for a slow one."""
        self.writer.write(frame(opcode, payload, os.urandom(4) if self.is_client else None))
        if self.writer.transport.get_write_buffer_size() > MAX_WAITING:
            self.writer.transport.abort()

    async def receive(self):
        """The next message or close: its opcode and payload. Answers pings, joins fragments."""
        opcode, message = None, b""
        while True:
            fin, frame_opcode, payload = await read_frame(self.reader, MAX_PAYLOAD - len(message))
            if frame_opcode == CLOSE:
                return frame_opcode, payload
            if frame_opcode == PING:
                self.send(PONG, payload)
            if frame_opcode > CLOSE:
                continue
            opcode = frame_opcode if opcode is None else opcode
            message += payload
            if fin:
                return opcode, message


members = []  # in the order in which they came


def publish(opcode, payload):
    # checkpoint 3 begin: each message goes to all members, the sender too
    for member in members:
        member.send(opcode, payload)
    # checkpoint 3 starter:
    # pass
    # checkpoint 3 end


def name_in(query):
    """The name of a member, of 1 to 32 characters; None if it is none."""
    # checkpoint 4 begin: percent-decode the name
    name = parse_qs(query, keep_blank_values=True).get("name", ["User"])[0]
    return name if 1 <= len(name) <= 32 else None
    # checkpoint 4 starter:
    # return query.partition("name=")[2] or "User"
    # checkpoint 4 end


def respond(writer, status, body, kind="text/plain"):
    """Answers with a whole response of HTTP, the last one on this connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n{body}".encode())


async def answer(reader, writer):
    request, fields = await read_head(reader)
    target = urlsplit(request.split()[1])
    name = name_in(target.query)
    if target.path == "/":
        # checkpoint 7 begin: a browser that asks for / gets a page
        page = "<!DOCTYPE html><title>05 chat</title><h1>A chat over WebSocket</h1>\n"
        respond(writer, "200 OK", page, "text/html")
        # checkpoint 7 starter:
        # pass
        # checkpoint 7 end
    elif target.path != "/ws":
        respond(writer, "404 Not Found", "the chat is at /ws\n")
    elif urlsplit(fields.get("origin", "")).netloc not in ("", fields.get("host")):
        respond(writer, "403 Forbidden", "a page of another origin may not chat here\n")
    elif name is None:
        respond(writer, "400 Bad Request", "a name has 1 to 32 characters\n")
    else:
        # checkpoint 2 begin: answer with 101, and talk
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_value(fields['sec-websocket-key'])}\r\n\r\n".encode())
        await talk(Peer(reader, writer), name)
        # checkpoint 2 starter:
        # pass
        # checkpoint 2 end


async def talk(member, name):
    members.append(member)
    try:
        while True:
            opcode, payload = await member.receive()
            # checkpoint 6 begin: a close is answered with a close, and nothing comes after it
            if opcode == CLOSE:
                return member.send(CLOSE, payload[:2])
            # checkpoint 6 end
            # checkpoint 5 begin: a binary message goes to everyone as it came
            if opcode == BINARY:
                publish(BINARY, payload)
                continue
            # checkpoint 5 end
            publish(TEXT, f"{name}: ".encode() + payload)
    finally:
        # checkpoint 6 begin: a member that leaves vanishes from the room
        members.remove(member)
        # checkpoint 6 starter:
        # pass
        # checkpoint 6 end


async def serve(reader, writer):
    try:
        await answer(reader, writer)
    except GONE as error:
        print(f"05_ws_chat: a client: {error!r}", file=sys.stderr)
    finally:
        writer.close()  # once all is sent


async def server(options):
    listener = await asyncio.start_server(serve, options.host, options.port)
    print("listening on %s:%d" % listener.sockets[0].getsockname()[:2], flush=True)
    await listener.serve_forever()


async def connect(options):
    url = urlsplit(options.url)
    target = url.path + (f"?name={quote(options.name, safe='')}" if options.name else "")
    key = base64.b64encode(os.urandom(16)).decode()
    reader, writer = await asyncio.open_connection(url.hostname, url.port or 80)
    writer.write(
        f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    status, fields = await read_head(reader)
    if " 101 " not in status or fields.get("sec-websocket-accept") != accept_value(key):
        raise ConnectionError(f"the server does not open a WebSocket: {status}")
    return Peer(reader, writer, is_client=True)


def send_lines(loop, peer):
    for line in sys.stdin.buffer:
        if line.strip().lower() == b"exit":
            break
        loop.call_soon_threadsafe(peer.send, TEXT, line.removesuffix(b"\n"))
    # checkpoint 9 begin: close with code 1000; what we said comes back before the server's close
    loop.call_soon_threadsafe(peer.send, CLOSE, (1000).to_bytes(2, "big"))
    loop.call_soon_threadsafe(loop.call_later, 5, peer.writer.transport.abort)  # at the latest
    # checkpoint 9 end


async def client(options):
    # checkpoint 8 begin: send each line as a message, and print what arrives
    peer, loop = await connect(options), asyncio.get_running_loop()
    threading.Thread(target=send_lines, args=(loop, peer), daemon=True).start()
    while (message := await peer.receive())[0] != CLOSE:
        sys.stdout.buffer.write(message[1] + b"\n")
        sys.stdout.buffer.flush()
    # checkpoint 8 starter:
    # sys.exit(77)  # the client is not there yet
    # checkpoint 8 end


if __name__ == "__main__":
    options = parse_options()
    try:
        asyncio.run(server(options) if options.role == "server" else client(options))
    except GONE as error:
        sys.exit(f"05_ws_chat: {getattr(error, 'strerror', None) or error}")
    except KeyboardInterrupt:
        pass
