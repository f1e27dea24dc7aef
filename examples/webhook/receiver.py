#!/usr/bin/env python3
"""A webhook: takes POSTs that carry the right token, and prints them.

    receiver.py PORT TOKEN
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]


def say(*words):
    """Prints a line, in one piece and at once."""
    print(" ".join(words) + "\n", end="", flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers["authorization"] != f"Bearer {TOKEN}":
            say("refused", self.path)
            return self.answer(401, b"who are you?\n")
        say("took", self.path)
        for name, value in sorted(self.headers.items()):
            if name.lower().startswith("ce-") or name.lower() == "content-type":
                say(f"  {name.lower()}: {value}")
        say(f"  {body.decode()}")
        self.answer(204)

    def answer(self, status, body=b""):
        self.send_response(status)
        if status != 204:
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: `do_POST` does."""


server = ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
say(f"waiting for messages on http://127.0.0.1:{PORT}/")
server.serve_forever()
