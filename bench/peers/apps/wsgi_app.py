"""A bare WSGI application: two constant bodies, and an upload that is read in pieces and counted."""

BODIES = {"/": b"Hello from an app!", "/10k": b"0123456789abcdef" * 640}
PIECE_BYTES = 64 * 1024


def count(stream):
    received = 0
    while piece := stream.read(PIECE_BYTES):
        received += len(piece)
    return received


def app(environ, start_response):
    body = BODIES.get(environ["PATH_INFO"])
    if body is None:
        body = str(count(environ["wsgi.input"])).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
