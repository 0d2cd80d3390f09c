"""Request bodies for a WSGI app: large, in chunks, not read, incomplete."""

import hashlib
import http.client
import select

import pytest

from support import APPS, Background, expect_client_held_up, read_response, wait_until


@pytest.fixture
def app(wsgi_app):
    return wsgi_app


BODY = bytes(range(256)) * 4 * 1024 * 5 + b"end"  # 5 MiB and a little
COUNTED = f"{len(BODY)} {hashlib.sha256(BODY).hexdigest()}".encode()


def pieces(body=BODY, size=70_001):
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("path", ["/count", "/reads-late"])
def test_a_large_body(app, path):
    assert app.request("POST", path, BODY)[::2] == (200, COUNTED)


def test_a_large_body_in_chunks(app):
    status, _, body = app.request("POST", "/count", pieces())
    assert (status, body) == (200, COUNTED)


def test_a_large_body_line_by_line(app):
    lines = b"".join(b"%d\n" % number for number in range(200_000))
    assert app.request("POST", "/count-lines", lines)[::2] == (200, b"200000")


def test_requests_after_a_large_body(app):
    """All requests are sent at once, on one connection."""
    head = f"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
    with app.connect() as sock:
        sender = Background(lambda: sock.sendall((head + BODY) * 2 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        rest = b""
        for expected in (COUNTED, COUNTED, b"Hello, World!"):
            status, _, body, rest = read_response(sock, rest)
            assert (status, body) == (200, expected)
        sender.join()


def test_a_connection_goes_on_after_a_body_that_its_handler_reads_slowly(app):
    """This also holds if the last piece fills the 64 KiB that are held for the handler."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    for size in [count * 65536 + more for count in range(2, 20) for more in (-1, 0, 1, 16384)]:
        connection.request("POST", "/reads-slowly", BODY[:size])
        assert connection.getresponse().read() == str(size).encode()
    connection.close()


def test_an_answer_that_begins_before_the_body_is_read(app):
    status, _, body = app.request("POST", "/echo-pieces", BODY)
    assert (status, body == BODY) == (200, True)


def test_an_answer_instead_of_reading_the_body(app):
    """The app answers at once. The client gets the answer although it is still sending."""
    if app.mode == "py-inline":
        pytest.skip("py-inline gets the body whole")
    with app.connect() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n" + BODY)
        status, headers, body, _ = read_response(sock)
        assert (status, body, headers["connection"]) == (200, b"Hello, World!", "close")


def test_a_large_body_for_a_full_queue(serve):
    options = ("--app-dir", APPS, "--max-body", "64MiB", "--threads", "1", "--queue-limit", "1")
    server = serve("--mode", "py-threads", *options, "wsgi_app:app")
    busy = Background(server.request, "POST", "/reads-late", b"x")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    wait_until(lambda: server.model("py-threads")["queue_length"] == 0)
    waiting = Background(server.request, "POST", "/reads-late", b"x")
    wait_until(lambda: server.model("py-threads")["queue_length"] == 1)
    with server.connect() as sock:
        sock.sendall(b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n" + BODY)
        status, headers, _, _ = read_response(sock)
        assert (status, headers["retry-after"], headers["connection"]) == (503, "1", "close")
    assert busy.result()[0] == waiting.result()[0] == 200


def test_bodies_ahead_of_their_turn_are_bounded(serve):
    """The server does not read all the bytes after a request that takes long."""
    server = serve("--mode", "py-threads", "--max-body", "1MiB")
    memory = server.stats()["process"]["resident_memory_bytes"]
    post = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000)
    with server.connect() as sock:
        sock.sendall(b"GET /sleep?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n" + post)
        sock.setblocking(False)
        rest = memoryview(post * 60)
        while select.select([], [sock], [], 0.3)[1]:
            rest = rest[sock.send(rest) :]
        assert len(rest) > 30_000_000
        assert server.stats()["process"]["resident_memory_bytes"] < memory + 20_000_000


def test_a_client_that_leaves_in_the_middle_of_a_body(app):
    with app.connect() as sock:
        sock.sendall(b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n" + BODY)
    wait_until(lambda: app.model(app.mode)["in_flight"] == 0)
    assert app.get("/")[0] == 200


def test_a_body_that_nobody_reads_yet_stays_with_its_client(app):
    if app.mode == "py-inline":
        pytest.skip("py-inline gets the body whole")
    expect_client_held_up(app, "/reads-late", BODY)
