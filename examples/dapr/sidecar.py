#!/usr/bin/env python3
"""Stands in for a Dapr sidecar with one pub/sub component, `pubsub`: what it says over HTTP, in one process.

    sidecar.py PORT APP

It asks APP (a URL) what it subscribes to, takes what is published, and delivers it. What APP does that Dapr would not
take is refused, or called `wrong` in what is printed.
"""

import base64
import json
import queue
import sys
import threading
import uuid
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

PORT, APP = int(sys.argv[1]), urlsplit(sys.argv[2]).netloc
EVENT = "application/cloudevents+json"
published = queue.Queue()


def say(*words):
    """Prints a line, in one piece and at once."""
    print(" ".join(words) + "\n", end="", flush=True)


def ask(method, path, body=None, headers={}):
    connection = HTTPConnection(APP, timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, response.read()


def subscriptions():
    """The route of each topic, as the app says when it is asked."""
    status, body = ask("GET", "/dapr/subscribe")
    if status != 200:
        sys.exit(f"wrong: GET /dapr/subscribe is {status}")
    routes = {}
    for subscription in json.loads(body):
        pubsub, topic, route = (subscription.get(key, "") for key in ("pubsubname", "topic", "route"))
        if pubsub != "pubsub" or not topic or not route.startswith("/"):
            sys.exit(f"wrong: {subscription}")
        say(f"the app subscribes to {pubsub}/{topic} at {route}")
        routes[topic] = route
    return routes


def event(content_type, body):
    """What is published, as an event: one that is there already, or one around the data."""
    if content_type == EVENT:
        found = json.loads(body)
        for key in ("specversion", "id", "source", "type"):
            if not isinstance(found.get(key), str) or not found[key]:
                raise ValueError(f"`{key}` is missing")
        if found["specversion"] != "1.0" or ("data" in found and "data_base64" in found):
            raise ValueError("this is no event of CloudEvents 1.0")
        return found
    wrapped = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "sidecar", "type": "com.dapr.event.sent"}
    wrapped["datacontenttype"] = content_type
    if content_type == "application/json":
        return {**wrapped, "data": json.loads(body)}
    if content_type.startswith("text/"):
        return {**wrapped, "data": body.decode()}
    return {**wrapped, "data_base64": base64.b64encode(body).decode()}


def deliver(topic, event):
    """Gives an event to the app. A failure is tried once more, where Dapr has a policy for it."""
    body = json.dumps({**event, "pubsubname": "pubsub", "topic": topic})
    for _ in range(2):
        status, answer = ask("POST", routes[topic], body, {"content-type": EVENT})
        say(f"delivered {topic} to {routes[topic]}: {status}")
        if answer:
            say(f"  {'wrong, Dapr takes no reply: ' if status < 300 else ''}{answer.decode()}")
        if 200 <= status < 300:
            return
        if status == 404:
            break
    say(f"dropped {topic}")


def work():
    while True:
        topic, event = published.get()
        if topic not in routes:
            continue
        try:
            deliver(topic, event)
        except OSError as error:
            say(f"dropped {topic}: {error}")


class Sidecar(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = self.path.split("/")
        if len(parts) != 5 or parts[:4] != ["", "v1.0", "publish", "pubsub"]:
            return self.answer(404, f"there is nothing at {self.path}\n")
        topic = unquote(parts[4])
        try:
            found = event(self.headers.get("content-type", "text/plain"), body)
        except ValueError as error:
            return self.answer(400, f"{error}\n")
        shown = {key: found[key] for key in ("data", "data_base64", "msgmetadata") if key in found}
        say(f"published {topic}", json.dumps(shown))
        published.put((topic, found))
        self.answer(204, "")

    def answer(self, status, reason):
        self.send_response(status)
        if status != 204:
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(reason)))
        self.end_headers()
        self.wfile.write(reason.encode())

    def log_message(self, *_):
        """Says nothing: `do_POST` and `deliver` do."""


routes = subscriptions()
threading.Thread(target=work, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", PORT), Sidecar)
say(f"the sidecar is at http://127.0.0.1:{PORT}/")
server.serve_forever()
