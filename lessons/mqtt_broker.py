#!/usr/bin/env python3
"""A small MQTT 3.1.1 broker: QoS 0, whole topic names, nothing kept. usage: mqtt_broker.py PORT

It knows four packets: CONNECT (1), PUBLISH (3), SUBSCRIBE (8) and DISCONNECT (14). It prints each subscription.
"""
import asyncio
import sys

subscriptions = []  # (topic, writer): one for each SUBSCRIBE


async def read_packet(reader):
    """The first byte and the body of the next packet. Its length has 7 bits a byte, the lowest first (section 2.2.3)."""
    first = (await reader.readexactly(1))[0]
    length = 0
    for shift in (0, 7, 14, 21):
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        if byte < 128:
            break
    return first, await reader.readexactly(length)


def text_at(body, at):
    """A text in a body stands behind its length, two bytes, the higher first (section 1.5.3)."""
    length = int.from_bytes(body[at : at + 2], "big")
    return body[at + 2 : at + 2 + length]


async def serve(reader, writer):
    try:
        while (packet := await read_packet(reader))[0] >> 4 != 14:
            first, body = packet
            if first >> 4 == 1:
                writer.write(b"\x20\x02\x00\x00")  # CONNACK: accepted
            elif first >> 4 == 8:
                subscriptions.append((text_at(body, 2), writer))
                writer.write(b"\x90\x03" + body[:2] + b"\x00")  # SUBACK: the same packet number, QoS 0
                print("subscribed:", text_at(body, 2).decode(), flush=True)
            elif first >> 4 == 3:
                for topic, subscriber in subscriptions:
                    if topic == text_at(body, 0) and len(body) < 128:
                        subscriber.write(bytes([0x30, len(body)]) + body)
    except asyncio.IncompleteReadError:
        pass  # The client left without DISCONNECT.
    subscriptions[:] = [pair for pair in subscriptions if pair[1] is not writer]
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
