"""Servers and clients between which few bytes fit, since the kernel's buffers are as small as Linux makes them.

If the client does not read, a send of the server soon takes a part of its bytes, or none (EAGAIN). If the client reads
a few bytes at a time, that happens at ever new places of the answers.
"""

import itertools
import re
import socket

from support import APPS, NATIVE_HANDLER, Background, Server, read_to_end, wait_until

APP_OF = {
    "py-inline": "wsgi_app:app",
    "py-threads": "wsgi_app:app",
    "py-subinterp": "wsgi_app:app",
    "py-asyncio": "asgi_app:app",
}

WSGI = tuple(model for model, app in APP_OF.items() if app.startswith("wsgi"))


def serve_tiny(model, *options, app=None, start=Server):
    """Returns a server whose accepted sockets have the smallest send buffer. They inherit it from their listener."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1000)
        what = ("--app-dir", APPS, app or APP_OF[model]) if model in APP_OF else ("--native", NATIVE_HANDLER)
        return start("--mode", model, "--reload", *what, *options, listener=listener)


def connect(server, segment=536):
    """Returns a connection with a tiny receive buffer, to which a packet brings at most ``segment`` bytes."""
    sock = socket.socket()
    sock.settimeout(60)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
    sock.connect(("127.0.0.1", server.port))
    return sock


def get(path, method=b"GET", fields=b""):
    return method + b" " + path + b" HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n"


def post(path, body, fields=b""):
    return get(path, b"POST", b"Content-Length: %d\r\n" % len(body) + fields) + body


#: Arguments of ``filling``. For one or another of them the kernel takes only a part, or nothing, of what comes next.
FILLINGS = [(count, pad) for count in range(0, 60, 4) for pad in range(0, 640, 80)]


def filling(server, count, pad):
    """Returns ``count`` requests, and one whose answer has ``pad`` bytes, to fill what fits between server and client.

    Once the kernel has taken all of these answers, their client need not read any.
    """
    base = b"/" + server.mode.encode()
    return get(base + b"/plaintext") * count + post(base + b"/echo", b"p" * pad)


def after_filling(data, count, pad):
    """Expects the answers to the requests of ``filling``, and returns the bytes after them."""
    found, rest = split(data, [*[b"GET"] * count, b"POST"])
    assert [body for _, body in found] == [*[b"Hello, World!"] * count, b"p" * pad]
    return rest


class Sips:
    """Reads from a socket: at most as many bytes at a time as the next of ``sizes`` says, again and again."""

    def __init__(self, sock, sizes):
        self._sock = sock
        self._sizes = itertools.cycle(sizes)

    def recv(self, size):
        return self._sock.recv(min(size, next(self._sizes)))


def ask(sock, requests, sizes=(1 << 16,)):
    """Sends the requests, and returns all bytes up to the end of the connection, which are read by these sizes."""
    sender = Background(sock.sendall, requests)
    data = read_to_end(Sips(sock, sizes))
    sender.result()
    return data


def read_up_to(sock, end, sizes):
    """Returns all bytes up to this end, after which the server must wait. They are read by these sizes."""
    sips, data = Sips(sock, sizes), b""
    while not data.endswith(end):
        piece = sips.recv(len(end))
        assert piece, data
        data += piece
    return data


def without_date(data):
    return re.sub(rb"(\r\nDate: )[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n", rb"\1\r\n", data)


def _chunked_body(data):
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        count = int(size, 16)
        body += data[:count]
        assert data[count : count + 2] == b"\r\n", data[:100]
        data = data[count + 2 :]
        if count == 0:
            return body, data


def split(data, methods):
    """Splits the answers to requests with these methods: ([(head without its date, body), …], the bytes after them).

    100 Continue and 101 have no body: their method is None.
    """
    found = []
    for method in methods:
        head, end, data = without_date(data).partition(b"\r\n\r\n")
        assert end, f"{len(found)} answers, then {head!r}"
        length = re.search(rb"\r\nContent-Length: (\d+)$", head, re.M)
        if method in (b"HEAD", None):
            body = b""
        elif b"\r\nTransfer-Encoding: chunked" in head:
            body, data = _chunked_body(data)
        else:
            count = int(length[1]) if length else 0
            assert len(data) >= count, f"{len(found)} answers, then {len(data)} of {count} bytes of the next body"
            body, data = data[:count], data[count:]
        found.append((head, body))
    return found, data


def answers(data, methods):
    """Splits the answers as ``split`` does, and returns them. Nothing may follow them."""
    found, rest = split(data, methods)
    assert rest == b"", rest[:200]
    return found


def in_use(server):
    """Returns what is open, in flight or waiting, beside the request that asks and its connection."""
    stats = server.stats()
    http, models = stats["http"], stats["models"].items()
    found = {"connections": http["connections_active"] - 1, "requests": http["requests_in_flight"] - 1}
    found |= {f"{name}, in flight": model["in_flight"] for name, model in models}
    found |= {f"{name}, waiting": model["queue_length"] for name, model in models}
    return {name: count for name, count in found.items() if count}


def expect_idle(server, after):
    """Waits until nothing is in use."""
    wait_until(lambda: not in_use(server), 20, lambda: f"after {after}: {in_use(server)}")
