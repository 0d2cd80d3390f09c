"""The same small app for WSGI and for ASGI: an answer, a stream, an upload, a failure."""

import hashlib

PIECES = [b"piece %d\n" % number for number in range(20)]


def wsgi(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/raises":
        raise RuntimeError("asked to")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", path)])
    if path == "/stream":
        return iter(PIECES)
    if path == "/upload":
        return [hashlib.sha256(environ["wsgi.input"].read()).hexdigest().encode()]
    return [b"hello"]


async def read(receive):
    while True:
        event = await receive()
        yield event.get("body", b"")
        if not event.get("more_body"):
            return


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    path, pieces = scope["path"], [b"hello"]
    if path == "/raises":
        raise RuntimeError("asked to")
    if path == "/stream":
        pieces = PIECES
    if path == "/upload":
        pieces = [hashlib.sha256(b"".join([piece async for piece in read(receive)])).hexdigest().encode()]
    headers = [(b"content-type", b"text/plain"), (b"x-path", path.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
