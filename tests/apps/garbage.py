"""A route that shows two things: objects of the start are frozen, and later cycles are collected."""

import gc
import json
import weakref


class Knot:
    def __init__(self):
        self.end = self


def garbage(environ, start_response):
    """Answers with the number of frozen objects, and with true if a new cycle is collected."""
    knot = weakref.ref(Knot())
    gc.collect()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([gc.get_freeze_count(), knot() is None]).encode()]
