"""Clients that leave at every stage of a request, by a reset or by a close with answers unread.

The server forgets them: nothing stays open or in flight, it logs no error, it serves others, and its drain ends. Few
bytes fit between server and client (tiny_buffers.py), so answers that are not read are still being sent.
"""

import re

import pytest

from raw_websocket import BINARY, frame, handshake
from support import MODELS, reset, wait_until
from tiny_buffers import APP_OF, FILLINGS, WSGI, connect, expect_idle, filling, get, serve_tiny

OPTIONS = ("--threads", "2", "--max-header", "1KiB", "--stats-stream-period", "20ms", "--linger", "200ms")
BROKEN_BODY = "ConnectionResetError: the request's body ended before it was whole"


def expect_drained(server):
    """Ends the server. It must have logged no error but that an app could not read a whole body."""
    server.stop()
    entries = re.split(r"^(?=\d{4}-\d\d-\d\dT)", server.log(), flags=re.M)
    errors = [entry for entry in entries if re.match(r"\S+ (ERROR|WARN) ", entry)]
    assert [entry for entry in errors if not entry.endswith(f"{BROKEN_BODY}\n")] == []


@pytest.fixture(scope="module", params=MODELS)
def server(request):
    server = serve_tiny(request.param, *OPTIONS)
    yield server
    expect_drained(server)


def path(server, name):
    return b"/%s/%s" % (server.mode.encode(), name)


def post(path, fields=b"Content-Length: 100000\r\n"):
    """Returns the head of a request with a body."""
    return get(path, b"POST", fields)


def send(server, sock, data):
    """Sends the data. When this returns, the loop has read it: it has answered a request that came after it."""
    sock.sendall(data)
    server.stats()


def send_until_held_up(server, sock, data):
    """Sends requests that are answered faster than the client reads. Waits until an answer cannot go on."""
    sock.sendall(data)
    seen = None

    def is_held_up():
        nonlocal seen
        before, http = seen, server.stats()["http"]
        seen = http["requests_total"] - 1, http["requests_in_flight"]
        return before is not None and seen == (before[0] + 1, 2)

    wait_until(is_held_up)


def nothing_sent(server, sock):
    send(server, sock, b"")


def in_the_request_line(server, sock):
    send(server, sock, b"GET /plain")


def after_the_request_line(server, sock):
    send(server, sock, b"GET /plaintext HTTP/1.1\r\n")


def in_a_field(server, sock):
    send(server, sock, b"GET /plaintext HTTP/1.1\r\nHost: x\r\nX-A: b")


def after_the_head(server, sock):
    send(server, sock, post(path(server, b"echo")))


def in_the_body(server, sock):
    send(server, sock, post(path(server, b"echo")) + b"b" * 50_000)


def in_a_chunk(server, sock):
    send(server, sock, post(path(server, b"echo"), b"Transfer-Encoding: chunked\r\n") + b"8\r\nhalf")


def after_the_100(server, sock):
    send(server, sock, post(path(server, b"echo"), b"Content-Length: 9\r\nExpect: 100-continue\r\n"))
    assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"


def with_the_100_unread(server, sock):
    send(server, sock, post(path(server, b"echo"), b"Content-Length: 9\r\nExpect: 100-continue\r\n"))


def before_the_answer(server, sock):
    sock.sendall(get(path(server, b"sleep?ms=50")))
    if server.mode != "py-inline":  # it sleeps on the loop
        wait_until(lambda: server.model(server.mode)["in_flight"] == 1)


def with_the_answer_unread(server, sock):
    send(server, sock, get(path(server, b"plaintext")))


def in_a_head(server, sock):
    send_until_held_up(server, sock, get(path(server, b"plaintext"), b"HEAD") * 300)


def between_pipelined_answers(server, sock):
    send_until_held_up(server, sock, get(path(server, b"plaintext")) * 300)
    assert len(sock.recv(1000)) > 0


def in_a_body_from_memory(server, sock):
    send_until_held_up(server, sock, get(path(server, b"file?size=1m")) * 2)
    assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def in_a_body_that_came_in(server, sock):
    send_until_held_up(server, sock, post(path(server, b"echo")) + b"b" * 100_000 + get(path(server, b"plaintext")))


def in_a_stream_of_tandem_s_own(server, sock):
    sock.sendall(get(f"{server.pages}/stats/stream".encode()))
    assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def after_a_refusal(server, sock):
    sock.sendall(b"GARBAGE\r\n\r\n")
    assert sock.recv(1000).startswith(b"HTTP/1.1 400 ")


def with_a_400_unread(server, sock):
    send(server, sock, b"GARBAGE\r\n\r\n")


def with_a_413_unread(server, sock):
    send(server, sock, post(path(server, b"echo"), b"Content-Length: 99999999\r\n") + b"b" * 50_000)


def with_a_431_unread(server, sock):
    send(server, sock, b"GET / HTTP/1.1\r\nX-Large: " + b"l" * 5000)


def with_a_refusal_of_the_body_unread(server, sock):
    send(server, sock, post(path(server, b"echo"), b"Transfer-Encoding: chunked\r\n") + b"8\r\nnot eight\r\n")


def with_a_refusal_behind_unread_answers(server, sock):
    send_until_held_up(server, sock, get(path(server, b"plaintext")) * 300 + b"GARBAGE\r\n\r\n")


STAGES = (
    nothing_sent,
    in_the_request_line,
    after_the_request_line,
    in_a_field,
    after_the_head,
    in_the_body,
    in_a_chunk,
    after_the_100,
    with_the_100_unread,
    before_the_answer,
    with_the_answer_unread,
    in_a_head,
    between_pipelined_answers,
    in_a_body_from_memory,
    in_a_body_that_came_in,
    in_a_stream_of_tandem_s_own,
    after_a_refusal,
    with_a_400_unread,
    with_a_413_unread,
    with_a_431_unread,
    with_a_refusal_of_the_body_unread,
    with_a_refusal_behind_unread_answers,
)


def in_an_app_s_head(server, sock):
    send_until_held_up(server, sock, get(b"/large-head"))
    assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def in_an_app_s_stream(server, sock):
    send_until_held_up(server, sock, get(b"/endless"))
    assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def in_a_body_that_an_app_reads(server, sock):
    send(server, sock, post(b"/count") + b"b" * 70_000)


def in_a_body_that_an_app_sends_back(server, sock):
    send(server, sock, post(b"/echo-pieces") + b"b" * 90_000)


APP_STAGES = (in_an_app_s_head, in_an_app_s_stream, in_a_body_that_an_app_reads, in_a_body_that_an_app_sends_back)


def in_a_file(server, sock):
    send_until_held_up(server, sock, get(b"/large-file?1m"))
    assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def in_a_small_file(server, sock):
    send_until_held_up(server, sock, get(b"/large-file?4k") * 5)


FILE_STAGES = (in_a_file, in_a_small_file)


def stages_of(model):
    return STAGES + (APP_STAGES if model in APP_OF else ()) + (FILE_STAGES if model in WSGI else ())


def close(sock):
    """The kernel makes this a reset if anything is unread."""
    sock.close()


@pytest.mark.parametrize("leave", [reset, close])
def test_a_client_that_leaves(server, leave):
    for stage in stages_of(server.mode):
        sock = connect(server)
        stage(server, sock)
        leave(sock)
        expect_idle(server, stage.__name__)
    assert server.get(f"/{server.mode}/plaintext")[2] == b"Hello, World!"


@pytest.mark.parametrize("leave", [reset, close])
@pytest.mark.parametrize(
    "last",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" + b"b" * 1000,
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"l" * 2000,
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    ],
    ids=["400", "413", "431", "100"],
)
def test_a_client_that_leaves_while_a_refusal_or_a_100_is_held_up(server, last, leave):
    for fills in (FILLINGS[::6], FILLINGS[3::6]):
        socks = [connect(server) for _ in fills]
        for sock, fill in zip(socks, fills, strict=True):
            sock.sendall(filling(server, *fill) + last)
        server.stats()
        for sock in socks:
            leave(sock)
        expect_idle(server, last[:40])


@pytest.mark.parametrize("leave", [reset, close])
def test_a_client_that_leaves_after_a_408_that_it_did_not_read(serve, leave):
    server = serve_tiny("uv-loop", *OPTIONS, "--header-timeout", "200ms", start=serve)
    socks = [connect(server) for _ in FILLINGS[::4]]
    for sock, fill in zip(socks, FILLINGS[::4], strict=True):
        sock.sendall(filling(server, *fill) + b"GET / HTTP/1.1\r\n")
    wait_until(lambda: server.rejected("header_timeout") > 5)
    for sock in socks:
        leave(sock)
    expect_idle(server, "408")
    expect_drained(server)


def with_the_101_unread(server, sock):
    send(server, sock, handshake("/echo"))


def with_the_101_behind_unread_answers(server, sock):
    send_until_held_up(server, sock, get(path(server, b"plaintext")) * 300 + handshake("/echo"))


def after_the_101(server, sock):
    sock.sendall(handshake("/echo"))
    assert sock.recv(1000).startswith(b"HTTP/1.1 101 ")


def in_a_client_s_frame(server, sock):
    send(server, sock, handshake("/echo") + frame(BINARY, b"f" * 50_000)[:20_000])


def in_a_server_s_frame(server, sock):
    sock.sendall(handshake("/echo") + frame(BINARY, b"f" * 300_000))
    assert sock.recv(1000).startswith(b"HTTP/1.1 101 ")
    assert sock.recv(1)


@pytest.mark.parametrize("leave", [reset, close])
def test_a_client_that_leaves_a_websocket(serve, leave):
    server = serve_tiny("py-asyncio", *OPTIONS, app="websocket_app:app", start=serve)
    for stage in (
        with_the_101_unread,
        with_the_101_behind_unread_answers,
        after_the_101,
        in_a_client_s_frame,
        in_a_server_s_frame,
    ):
        sock = connect(server)
        stage(server, sock)
        leave(sock)
        expect_idle(server, stage.__name__)
    socks = [connect(server) for _ in FILLINGS[::6]]
    for sock, fill in zip(socks, FILLINGS[::6], strict=True):
        sock.sendall(filling(server, *fill) + handshake("/echo") + frame(BINARY, b"f" * 5000))
    server.stats()
    for sock in socks:
        leave(sock)
    expect_idle(server, "a 101 that is held up")
    expect_drained(server)


@pytest.mark.parametrize("model", MODELS)
def test_a_drain_when_all_have_just_left(serve, model):
    server = serve_tiny(model, *OPTIONS, start=serve)
    for stage in stages_of(model):
        sock = connect(server)
        stage(server, sock)
        reset(sock)
    expect_drained(server)
