#!/usr/bin/env python3
"""04_handshake: the WebSocket (RFC 6455) by hand: an echo server, a thread for each client, and a client."""

import argparse
import base64
import hashlib
import os
import socket
import sys
import threading
import urllib.parse

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MAX_PAYLOAD = 16 << 20  # bytes: whoever announces more is not believed
MAX_HEAD = 16384  # bytes of a request or an answer, up to the empty line


def parse_options():
    parser = argparse.ArgumentParser(prog="04_handshake")
    roles = parser.add_subparsers(dest="role", required=True)
    server_options = roles.add_parser("server")
    server_options.add_argument("--host", default="127.0.0.1")
    server_options.add_argument("--port", type=int, default=8004, choices=range(65536), metavar="PORT")
    roles.add_parser("client").add_argument("url", metavar="ws://HOST:PORT/PATH")
    return parser.parse_args()


def accept_value(key):
    """What the server answers to a key: it shows that it speaks WebSocket."""
    # checkpoint 2 begin: Base64 of the SHA-1 of the key, as text, and the GUID
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    # checkpoint 2 starter:
    # return ""
    # checkpoint 2 end


def read_head(stream):
    """The first line of a request or an answer, and its fields by their names in lower case."""
    lines = []
    while (line := stream.readline(MAX_HEAD)) not in (b"\r\n", b"\n"):
        lines.append(line)
        if not line.endswith(b"\n") or sum(map(len, lines)) > MAX_HEAD:
            raise ConnectionError("the head has no end")
    if not lines:
        raise ConnectionError("the head is empty")
    text = b"".join(lines).decode("latin-1")
    first, *fields = text.splitlines()
    return first, {name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}


def receive(stream, size):
    """Exactly `size` bytes: the stream reads on until they are there, or it ends."""
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("the stream ends in the middle of a frame")
    return data


def masked(payload, key):
    """The payload with its mask put on, or taken off: that is the same."""
    # checkpoint 4 begin: byte number i is combined by XOR with byte number i % 4 of the key
    repeated = key * (len(payload) // 4 + 1)
    return bytes(byte ^ mask for byte, mask in zip(payload, repeated))
    # checkpoint 4 starter:
    # return payload
    # checkpoint 4 end


def read_size(stream, size):
    """The length of a payload of which the second byte of its frame says `size`: up to 125 that is all."""
    # checkpoint 5 begin: 126 says that the length follows in 2 bytes, and 127 in 8
    if size > 125:
        return int.from_bytes(receive(stream, 2 if size == 126 else 8), "big")
    # checkpoint 5 end
    return size


def size_bytes(size, mask_bit):
    """The length of a payload, in its shortest form."""
    # checkpoint 5 begin: from 126 bytes on it follows in 2 bytes, and from 65536 on in 8
    if size > 0xFFFF:
        return bytes([mask_bit | 127]) + size.to_bytes(8, "big")
    if size > 125:
        return bytes([mask_bit | 126]) + size.to_bytes(2, "big")
    # checkpoint 5 starter:
    # size = min(size, 125)
    # checkpoint 5 end
    return bytes([mask_bit | size])


def read_frame(stream):
    """The next frame: its FIN bit, its opcode, and its payload without the mask."""
    # checkpoint 3 begin: two bytes, the rest of the length, the key of 4 bytes if there is a mask, the payload
    first, second = receive(stream, 2)
    size = read_size(stream, second & 0x7F)
    if size > MAX_PAYLOAD:
        raise ConnectionError("the frame is too long")
    key = receive(stream, 4) if second & 0x80 else bytes(4)
    return bool(first & 0x80), first & 0x0F, masked(receive(stream, size), key)
    # checkpoint 3 starter:
    # raise ConnectionError("frames cannot be read yet")
    # checkpoint 3 end


def frame(opcode, payload, key):
    """The bytes of a frame that is a whole message. A client has a key for the mask, a server has none."""
    # checkpoint 3 begin: FIN and opcode, mask and length, key, payload
    if not key:
        return bytes([0x80 | opcode]) + size_bytes(len(payload), 0) + payload
    return bytes([0x80 | opcode]) + size_bytes(len(payload), 0x80) + key + masked(payload, key)
    # checkpoint 3 starter:
    # return b""
    # checkpoint 3 end


class WebSocket:
    """A connection on which the handshake is over. One thread receives, and any thread sends."""

    def __init__(self, connection, stream, is_client):
        self.connection, self.stream, self.is_client = connection, stream, is_client
        self.lock = threading.Lock()  # guards closing, and keeps each frame whole
        self.closing = False  # whether our close frame has been sent: after it comes nothing more

    def send(self, opcode, payload):
        with self.lock:
            if not self.closing:
                self.closing = opcode == CLOSE
                self.connection.sendall(frame(opcode, payload, os.urandom(4) if self.is_client else None))

    def receive(self):
        """The next message, put together from its fragments: its opcode and payload; None after a close."""
        opcode, message = None, b""
        while True:
            fin, frame_opcode, payload = read_frame(self.stream)
            # checkpoint 6 begin: answer a ping with a pong, and a close with a close
            if frame_opcode == PING:
                self.send(PONG, payload)
            if frame_opcode == CLOSE:
                self.send(CLOSE, payload[:2])
                return None
            if frame_opcode >= CLOSE:
                continue  # it stands between fragments, and is none of them
            # checkpoint 6 end
            opcode = frame_opcode if opcode is None else opcode  # the first fragment says what it is
            message += payload
            if len(message) > MAX_PAYLOAD:
                raise ConnectionError("the message is too long")
            if fin:
                return opcode, message


def serve(connection):
    """The life of a client's thread."""
    try:
        with connection, connection.makefile("rb") as stream:
            _, fields = read_head(stream)
            if "sec-websocket-key" not in fields:
                return send_page(connection)
            connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept_value(fields['sec-websocket-key'])}\r\n\r\n".encode())
            websocket = WebSocket(connection, stream, is_client=False)
            while message := websocket.receive():
                websocket.send(*message)
            connection.shutdown(socket.SHUT_WR)
    except OSError as error:
        print(f"04_handshake: a client: {error}", file=sys.stderr)


def send_page(connection):
    # checkpoint 7 begin: a plain request gets a page
    page = b"<!DOCTYPE html><title>04 handshake</title><h1>An echo over WebSocket</h1>\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + page)
    # checkpoint 7 starter:
    # pass
    # checkpoint 7 end


def server(options):
    with socket.create_server((options.host, options.port), backlog=128) as listener:
        host, port = listener.getsockname()[:2]
        print(f"listening on {host}:{port}", flush=True)
        while True:
            connection, _ = listener.accept()
            # checkpoint 8 begin: a thread for each client
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
            # checkpoint 8 starter:
            # serve(connection)
            # checkpoint 8 end


def handshake(connection, stream, url):
    """Asks for the WebSocket, and checks that the answer belongs to our key."""
    # checkpoint 9 begin: the request with a key of 16 random bytes, and the check of its accept value
    key = base64.b64encode(os.urandom(16)).decode()
    target = (url.path or "/") + ("?" + url.query if url.query else "")
    connection.sendall(
        f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    answer, fields = read_head(stream)
    if answer.split()[1:2] != ["101"]:
        raise ConnectionError(f"the server does not answer with 101: {answer}")
    if fields.get("sec-websocket-accept") != accept_value(key):
        raise ConnectionError("Sec-WebSocket-Accept does not belong to our key")
    # checkpoint 9 starter:
    # sys.exit(77)  # the client is not there yet
    # checkpoint 9 end


def send_what_is_typed(websocket):
    # checkpoint 10 begin: each line is a text message, masked with a new key each time
    for line in sys.stdin.buffer:
        if line.strip().lower() == b"exit":
            break
        websocket.send(TEXT, line.removesuffix(b"\n"))
    # checkpoint 10 starter:
    # threading.Event().wait()
    # checkpoint 10 end
    # checkpoint 11 begin: close with code 1000, and wait a while for the server's close
    websocket.send(CLOSE, (1000).to_bytes(2, "big"))
    websocket.connection.settimeout(5)
    # checkpoint 11 end


def client(options):
    url = urllib.parse.urlsplit(options.url)
    with socket.create_connection((url.hostname, url.port or 80)) as connection, connection.makefile("rb") as stream:
        handshake(connection, stream, url)
        websocket = WebSocket(connection, stream, is_client=True)
        threading.Thread(target=send_what_is_typed, args=(websocket,), daemon=True).start()
        while message := websocket.receive():
            sys.stdout.buffer.write(message[1] + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    options = parse_options()
    try:
        server(options) if options.role == "server" else client(options)
    except OSError as error:
        sys.exit(f"04_handshake: {error.strerror or error}")
    except KeyboardInterrupt:
        pass
