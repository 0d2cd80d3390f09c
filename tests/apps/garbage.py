"""What becomes of cycles: of those that were there at the start, and of those that are made later."""

import gc
import json
import weakref


class Knot:
    def __init__(self):
        self.end = self


def garbage(environ, start_response):
    """How much is frozen, and whether a cycle that is made now is collected."""
    knot = weakref.ref(Knot())
    gc.collect()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([gc.get_freeze_count(), knot() is None]).encode()]
