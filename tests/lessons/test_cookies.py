"""The server of lesson security says nothing but what the page is about."""
import pathlib
import socket
import struct
import subprocess
import sys
import time
import unittest

SERVER = pathlib.Path(__file__).resolve().parent.parent.parent / "lessons/cookies.py"


class Cookies(unittest.TestCase):
    def test_a_browser_that_vanishes_is_not_told_of(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen([sys.executable, "-B", SERVER, str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(server.kill)
        for _ in range(5):
            with self.connected(port) as browser:
                browser.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                # With no time to linger, close(2) sends RST: socket(7).
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with self.connected(port) as browser:
            browser.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while browser.recv(4096):
                pass
        server.terminate()
        self.assertEqual(server.communicate(timeout=20)[0], b"")

    def connected(self, port):
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=20)
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
