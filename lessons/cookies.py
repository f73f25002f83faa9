#!/usr/bin/env python3
"""A server that prints which of its cookies a browser sends with a WebSocket handshake. usage: cookies.py PORT

It answers each GET with a page that gets three cookies and opens a WebSocket, to the same server or to the host
and port behind the # of the page's address. It prints a handshake's origin and cookies, and refuses it.
"""
import contextlib
import http.server
import sys
import threading

COOKIES = ("unspecified=1", "lax=1; SameSite=Lax", "none=1; SameSite=None; Secure")
# A page has loaded when its pictures have: the answer for this one waits for the handshake.
PAGE = b"<script>new WebSocket('ws://' + (location.hash.slice(1) || location.host))</script><img src='/wait'>"
handshake_came = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    def handle(self):
        # A browser that ends leaves answers unread: that is no fault to be told.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self):
        if "Upgrade" in self.headers:
            names = [pair.split("=")[0] for pair in self.headers.get("Cookie", "no").split("; ")]
            print(self.headers["Origin"], "sends", *sorted(names), flush=True)
            self.send_error(403)
            handshake_came.set()
        elif self.path == "/wait":
            handshake_came.wait(30)
            handshake_came.clear()
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            for cookie in COOKIES:
                self.send_header("Set-Cookie", cookie + "; Max-Age=600")
            self.end_headers()
            self.wfile.write(PAGE)

    def log_message(self, *args):
        """Keeps the standard library's log out of the output."""


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
