#!/usr/bin/env python3
"""Stands in for a Knative broker and its triggers: what they say over HTTP, in one process and without a cluster.

    broker.py PORT [--trigger ATTRIBUTE=VALUE URL]...

Events come by POST to http://127.0.0.1:PORT/shop/default (a real broker's path is NAMESPACE/BROKER too) and are
answered with 202 once they are queued. Each goes to all triggers whose attribute has that value. An event in a response
is queued as any other. Only events in the binary mode of CloudEvents' HTTP binding are taken; the checks are strict.
"""

import argparse
import queue
import re
import threading
from datetime import datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

PATH = "/shop/default"
# Printable ASCII; a space, a quote and a percent sign are percent-encoded, as is everything else.
VALUE = re.compile(r"([\x21\x23\x24\x26-\x7e]|%[0-9A-Fa-f]{2})+")


def say(*words):
    """Prints a line, in one piece and at once."""
    print(" ".join(words) + "\n", end="", flush=True)


def event(headers, body):
    """The event in a message's headers and body. A ValueError says what is wrong with it."""
    content_type = headers.get("content-type", "")
    if content_type.startswith("application/cloudevents"):
        raise ValueError("this is no event in binary mode")
    if body and not content_type:
        raise ValueError("data without `content-type`")
    attributes = {}
    for name, value in ((name.lower(), value) for name, value in headers.items()):
        if not name.startswith("ce-"):
            continue
        if not re.fullmatch("ce-[a-z0-9]+", name) or name in ("ce-datacontenttype", "ce-data"):
            raise ValueError(f"`{name}` is no attribute")
        if name in attributes:
            raise ValueError(f"`{name}` twice")
        if not VALUE.fullmatch(value):
            raise ValueError(f"the value of `{name}` is not encoded")
        attributes[name] = value
    for name in ("ce-specversion", "ce-id", "ce-source", "ce-type"):
        if name not in attributes:
            raise ValueError(f"`{name}` is missing")
    if attributes["ce-specversion"] != "1.0":
        raise ValueError("`ce-specversion` is not 1.0")
    if "ce-time" in attributes:
        datetime.fromisoformat(attributes["ce-time"].replace("Z", "+00:00"))
    return attributes, content_type, body


def attribute(attributes, name):
    return unquote(attributes.get(f"ce-{name}", ""))


def publish(attributes, content_type, body):
    shown = (f"{name}={attribute(attributes, name) or '-'}" for name in ("type", "source", "subject"))
    say("event", *shown, f"data={body.decode(errors='replace')}")
    events.put((attributes, content_type, body))


def deliver(url, attributes, content_type, body):
    """Gives an event to a trigger's subscriber. What comes back is nothing, an event, or wrong."""
    where = urlsplit(url)
    connection = HTTPConnection(where.netloc, timeout=30)
    connection.request("POST", where.path or "/", body, {**attributes, "content-type": content_type})
    response = connection.getresponse()
    answer = response.read()
    if not 200 <= response.status < 300:
        raise ValueError(f"{response.status} {answer.decode()}")
    say(f"  {url} answers {response.status}")
    if answer or "ce-id" in response.headers:
        publish(*event(response.headers, answer))


def work():
    while True:
        taken = events.get()
        for (name, value), url in triggers:
            if attribute(taken[0], name) == value:
                try:
                    deliver(url, *taken)
                except (OSError, ValueError) as error:
                    say(f"  {url} failed: {error}")


class Broker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != PATH:
            return self.answer(404, f"the broker is at {PATH}\n")
        try:
            publish(*event(self.headers, body))
        except ValueError as error:
            return self.answer(400, f"{error}\n")
        self.answer(202, "")

    def answer(self, status, reason):
        self.send_response(status)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(reason)))
        self.end_headers()
        self.wfile.write(reason.encode())

    def log_message(self, *_):
        """Says nothing: `publish` and `deliver` do."""


arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("--trigger", nargs=2, action="append", default=[])
arguments = arguments.parse_args()
triggers = [(filter.split("=", 1), url) for filter, url in arguments.trigger]
events = queue.Queue()
threading.Thread(target=work, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Broker)
say(f"the broker is at http://127.0.0.1:{arguments.port}{PATH}")
server.serve_forever()
