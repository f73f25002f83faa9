"""Names the frames of HTTP/2 in what stands on standard input: RFC 9113, sections 3.4, 4.1 and 6."""
import sys

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
NAMES = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY',
         'WINDOW_UPDATE', 'CONTINUATION']

rest = sys.stdin.buffer.read()
if rest.startswith(PREFACE):
    print('preface', len(PREFACE), 'bytes')
    rest = rest[len(PREFACE):]
while len(rest) >= 9:
    length, kind, flags = int.from_bytes(rest[:3], 'big'), rest[3], rest[4]
    stream = int.from_bytes(rest[5:9], 'big') & 0x7fffffff
    payload, rest = rest[9:9 + length], rest[9 + length:]
    name = NAMES[kind] if kind < len(NAMES) else f'type {kind}'
    shown = repr(payload.decode())[1:-1] if kind == 0 and payload.isascii() else ''
    print(f'stream {stream}  {name:13}  flags {flags:02x}  9 + {length} bytes  {shown}'.rstrip())
