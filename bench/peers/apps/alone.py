"""Measures an app without any server: ``alone.py wsgi|asgi MODULE:ATTRIBUTE SECONDS``.

Calls the app for GET / repeatedly, one call after the other. Prints the CPU time per call in microseconds, summed over
all threads.
"""

import io
import sys
import time
from importlib import import_module

WARM_UP_CALLS = 200
ENVIRON = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8080",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1:8080",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"127.0.0.1:8080")],
    "client": ("127.0.0.1", 50000),
    "server": ("127.0.0.1", 8080),
}


def start_response(status, headers, exc_info=None):
    if not status.startswith("200 "):
        raise SystemExit(f"the app answers {status}")


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(event):
    if event.get("status", 200) != 200:
        raise SystemExit(f"the app answers {event['status']}")


def of_wsgi(app, seconds):
    def call():
        pieces = app({**ENVIRON, "wsgi.input": io.BytesIO()}, start_response)
        b"".join(pieces)
        getattr(pieces, "close", lambda: None)()

    for _ in range(WARM_UP_CALLS):
        call()
    calls, begun = 0, time.process_time()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        call()
        calls += 1
    return (time.process_time() - begun) / calls


def of_asgi(app, seconds):
    import uvloop

    async def main():
        for _ in range(WARM_UP_CALLS):
            await app(dict(SCOPE), receive, send)
        calls, begun = 0, time.process_time()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await app(dict(SCOPE), receive, send)
            calls += 1
        return (time.process_time() - begun) / calls

    return uvloop.run(main())


if __name__ == "__main__":
    module, _, attribute = sys.argv[2].partition(":")
    timed = {"wsgi": of_wsgi, "asgi": of_asgi}[sys.argv[1]]
    print(timed(getattr(import_module(module), attribute), float(sys.argv[3])) * 1e6)
