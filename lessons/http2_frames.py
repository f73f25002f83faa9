"""Names the frames of HTTP/2 in what stands on standard input: RFC 9113, sections 3.4, 4.1 and 6.

With a name, HEADERS or DATA: writes instead what stands there up to the end of the first such frame.
"""
import sys

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
NAMES = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY',
         'WINDOW_UPDATE', 'CONTINUATION']

last = sys.argv[1] if len(sys.argv) > 1 else None
data = sys.stdin.buffer.read()
at = 0
if data.startswith(PREFACE):
    at = len(PREFACE)
    if not last:
        print('preface', at, 'bytes')
while len(data) - at >= 9:
    length, kind, flags = int.from_bytes(data[at:at + 3], 'big'), data[at + 3], data[at + 4]
    stream = int.from_bytes(data[at + 5:at + 9], 'big') & 0x7fffffff
    payload = data[at + 9:at + 9 + length]
    at += 9 + length
    name = NAMES[kind] if kind < len(NAMES) else f'type {kind}'
    shown = repr(payload.decode())[1:-1] if kind == 0 and payload.isascii() else ''
    if not last:
        print(f'stream {stream}  {name:13}  flags {flags:02x}  9 + {length} bytes  {shown}'.rstrip())
    elif name == last:
        sys.stdout.buffer.write(data[:at])
        break
