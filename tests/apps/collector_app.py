"""A WSGI and an ASGI app that tell of the garbage collector of the interpreter in which they run."""

import gc
import json
import os
import time
import weakref
from pathlib import Path
from urllib.parse import parse_qs

CYCLES = 20_000

if "TEST_GC_THRESHOLD_OF_APP" in os.environ:
    gc.set_threshold(int(os.environ["TEST_GC_THRESHOLD_OF_APP"]))


class Cycle:
    def __init__(self):
        self.end = self


def left():
    """Makes cycles that nothing refers to. Returns how many of them are left."""
    made = weakref.WeakSet()
    for _ in range(CYCLES):
        made.add(Cycle())
    return len(made)


def report(query):
    """Waits until the file that the query names exists, if it names one."""
    fields = parse_qs(query)
    for path in fields.get("until", ()):
        while not Path(path).exists():
            time.sleep(0.01)
    return json.dumps(
        {
            "threshold": gc.get_threshold(),
            "frozen": gc.get_freeze_count(),
            "left": left() if "cycles" in fields else None,
            "interpreter": id(Cycle),
        }
    ).encode()


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [report(environ["QUERY_STRING"])]


async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": report(scope["query_string"].decode())})
