"""A WSGI app with one route for each task of a WSGI server."""

import gzip
import hashlib
import io
import json
import os
import sys
import time
from pathlib import Path
from wsgiref.validate import validator

import garbage as cycles

closed = []


class Pieces:
    """An iterable of pieces that records in ``closed`` that it was closed."""

    def __init__(self, pieces, name):
        self.pieces = iter(pieces)
        self.name = name

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.pieces)

    def close(self):
        closed.append(self.name)


def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, World!"]


garbage = cycles.garbage


def show(environ, start_response):
    """Answers with the environ as JSON."""
    shown = {key: value for key, value in environ.items() if isinstance(value, (str, bool, tuple))}
    shown["body"] = environ["wsgi.input"].read().decode("latin-1")
    shown["types"] = sorted({type(value).__name__ for key, value in environ.items() if key.isupper()})
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(shown).encode()]


def fields(environ, start_response):
    headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Latin", "\xe9"), ("Server", "mine")]
    headers += [("Connection", "close"), ("Transfer-Encoding", "chunked"), ("X-Tab", "a\tb"), ("X-Empty", "")]
    start_response("418 I'm a teapot", headers)
    return [b"short ", b"and ", b"", b"stout"]


def lines(environ, start_response):
    source = environ["wsgi.input"]
    found = [
        source.readline(),
        source.readline(3),
        source.readline(),
        source.read(2),
        source.readlines(5),
        list(source),
    ]
    found += [source.read(), source.readline(), source.readlines()]
    start_response("200 OK", [])
    return [repr(found).encode()]


def generator(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Pieces((b"%d\n" % number for number in range(5)), "generator")


def with_length(environ, start_response):
    start_response("200 OK", [("Content-Length", "6")])
    return Pieces([b"", b"sixsix"], "with_length")


def pieces_with_length(environ, start_response):
    start_response("200 OK", [("Content-Length", "6")])
    return Pieces([b"six", b"", b"six"], "pieces_with_length")


def too_long(environ, start_response):
    start_response("200 OK", [("Content-Length", "3")])
    return [b"four"]


def too_short(environ, start_response):
    start_response("200 OK", [("Content-Length", "6")])
    yield b"six"


def late(environ, start_response):
    """Calls start_response when the server asks for the first piece."""
    start_response("201 Created", [("X-Late", "yes")])
    yield b"late"


def writes(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"one ")
    write(b"")
    write(b"two ")
    return [b"three"]


def replaced(environ, start_response):
    start_response("200 OK", [("X-First", "1")])
    try:
        raise KeyError("nothing is out yet")
    except KeyError:
        start_response("502 Bad Gateway", [("X-Second", "2")], sys.exc_info())
    return [b"replaced"]


def twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return [b"never"]


def writes_in_its_iterable(environ, start_response):
    write = start_response("200 OK", [("Content-Length", "3")])

    def pieces():
        yield b"abc"
        write(b"d")

    return pieces()


def raises(environ, start_response):
    raise ValueError("raised by the app")


def raises_later(environ, start_response):
    start_response("200 OK", [])

    def pieces():
        yield b"first"
        raise ValueError("raised in the middle")

    return Pieces(pieces(), "raises_later")


def nothing(environ, start_response):
    return [b"no status"]


def text(environ, start_response):
    start_response("200 OK", [])
    return ["text"]


def empty(environ, start_response):
    start_response("204 No Content", [])
    return []


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"x"')])
    return Pieces([b"not sent"], "not_modified")


def file(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/x-python")])
    return environ["wsgi.file_wrapper"](open(__file__, "rb"))


def file_from(environ, start_response):
    """Sends a file from its middle, a file with a shorter Content-Length, or an object without a file descriptor."""
    kind = environ["QUERY_STRING"]
    headers = [("Content-Length", "5")] if kind == "short" else []
    opened = io.BytesIO(b"in memory") if kind == "memory" else Path(__file__).open("rb")  # noqa: SIM115 (the wrapper closes it)
    if kind == "middle":
        opened.readline()
    if kind == "gzip":
        opened = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(b"unzipped")))
    start_response("200 OK", headers)
    return environ["wsgi.file_wrapper"](opened, 4)


def large_file(environ, start_response):
    """Sends a file of the workload /file; the query is its size: 4k, 64k or 1m."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return environ["wsgi.file_wrapper"](Path(os.environ["TANDEM_FILES"], environ["QUERY_STRING"]).open("rb"))


def large_head(environ, start_response):
    start_response("200 OK", [("X-Large", "h" * 60_000), ("Content-Length", "4")])
    return [b"body"]


def count(environ, start_response):
    """Reads the body in pieces, and answers with its length and digest."""
    digest, total = hashlib.sha256(), 0
    while piece := environ["wsgi.input"].read(50_000):
        digest.update(piece)
        total += len(piece)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{total} {digest.hexdigest()}".encode()]


def count_lines(environ, start_response):
    found = sum(1 for _ in environ["wsgi.input"])
    start_response("200 OK", [])
    return [str(found).encode()]


def echo_pieces(environ, start_response):
    """Starts the answer before it has read the body."""
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return iter(lambda: environ["wsgi.input"].read(100_000), b"")


def reads_slowly(environ, start_response):
    total = 0
    while piece := environ["wsgi.input"].read(65536):
        total += len(piece)
        time.sleep(0.003)
    start_response("200 OK", [])
    return [str(total).encode()]


def reads_late(environ, start_response):
    time.sleep(0.5)
    return count(environ, start_response)


def logs(environ, start_response):
    environ["wsgi.errors"].write("a line for ")
    environ["wsgi.errors"].write("the log\nand ")
    environ["wsgi.errors"].writelines(["another"])
    environ["wsgi.errors"].flush()
    start_response("200 OK", [])
    return []


def logs_half(environ, start_response):
    """Begins a line of the log and ends none: when it is called, between its pieces, and when it is closed."""
    errors, name = environ["wsgi.errors"], environ["QUERY_STRING"]

    def pieces():
        errors.write(f"first of {name}")
        yield b"x"
        errors.write(f"second of {name}")
        yield b"x"
        errors.write(f"last of {name}")

    errors.write(f"call of {name}; ")
    start_response("200 OK", [])
    return pieces()


def endless(environ, start_response):
    start_response("200 OK", [])
    return Pieces(iter(lambda: b"x" * 10000, None), "endless")


def slow(environ, start_response):
    start_response("200 OK", [])

    def pieces():
        for _ in range(3):
            yield b"piece\n"
            time.sleep(0.05)

    return Pieces(pieces(), "slow")


def which_closed(environ, start_response):
    """Takes 20 ms, so that several threads answer requests that arrive together."""
    time.sleep(0.02)
    start_response("200 OK", [])
    return [" ".join(closed).encode()]


def bad_header(environ, start_response):
    name = environ["QUERY_STRING"]
    bad = {
        "newline": [("X-A", "a\r\nX-B: b")],
        "name": [("X A", "a")],
        "bytes": [(b"X-A", "a")],
        "unicode": [("X-A", "\u20ac")],
        "length": [("Content-Length", "ten")],
        "pair": [("X-A",)],
        "lengths": [("Content-Length", "1"), ("Content-Length", "2")],
        "large": [("X-A", "a" * 66000)],
    }
    start_response("200 OK", bad[name])
    return []


def bad_status(environ, start_response):
    start_response(environ["HTTP_X_STATUS"], [])
    return []


checked = validator(lambda environ, start_response: generator_without_length(environ, start_response))


def generator_without_length(environ, start_response):
    environ["wsgi.input"].read(10)
    environ["wsgi.input"].readline()
    environ["wsgi.input"].readlines()
    environ["wsgi.errors"].write("checked\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"valid"]


def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/").split("/")[0]
    route = globals().get(name.replace("-", "_") or "plain", None)
    if route is None or not callable(route):
        start_response("404 Not Found", [])
        return [b"no " + name.encode("latin-1")]
    return route(environ, start_response)


def factory():
    return plain


not_callable = 7
