"""Connections that are kept alive, pipelined, half-closed, slow, too many, or gone in the middle."""

import hashlib
import random
import socket
import time

import pytest

from support import MODELS, Background, is_closed, read_response, read_to_end, reset, wait_until

GET = b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("model", MODELS)
def test_keep_alive_and_pipelining(serve, model):
    """Many requests in one write are answered in order, with their bodies."""
    server = serve("--mode", model)
    chunked = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"5;x=y\r\nchunk\r\n2\r\ned\r\n0\r\nT: t\r\n\r\n"
    sized = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nsized"
    bodies = [b"Hello, World!", b"chunked", b"sized"] * 200
    with server.connect() as sock:
        sender = Background(sock.sendall, (GET + chunked + sized) * 200)
        rest = b""
        for expected in bodies:
            status, headers, body, rest = read_response(sock, rest)
            assert (status, body) == (200, expected)
        assert rest == b""
        sender.result()
        assert headers["content-type"] == "a/b"
    stats = server.stats()
    assert stats["models"][model]["requests_total"] == 600
    assert stats["http"]["connections_total"] == 2


def test_requests_cut_anywhere(serve):
    """However the network cuts a stream of requests, the answers are the same."""
    server = serve("--mode", "uv-loop")
    body = bytes(range(256)) * 20
    stream = b"".join(
        (
            GET,
            b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
            b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n%x\r\n%s\r\n0\r\n\r\n"
            % (len(body), body),
            b"GET /json HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 5000 + b"\r\n\r\n",
        )
    )
    expected = [b"Hello, World!", body, b"a" + body, b'{"message":"Hello, World!"}']
    source = random.Random(1)
    for _ in range(60):
        with server.connect() as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            at = 0
            while at < len(stream):
                step = source.choice((1, 2, 3, 50, 700, 2500, 9000))
                sock.sendall(stream[at : at + step])
                at += step
            rest = b""
            for answer in expected:
                status, _, got, rest = read_response(sock, rest)
                assert (status, got) == (200, answer)


def test_http_1_0(serve):
    server = serve("--mode", "uv-loop")
    answer = server.raw(b"GET /plaintext HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer
    with server.connect() as sock:
        for _ in range(3):
            sock.sendall(b"GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            status, headers, _, _ = read_response(sock)
            assert (status, headers["connection"].lower()) == (200, "keep-alive")


@pytest.mark.parametrize("model", MODELS)
def test_half_closed(serve, model):
    """A client that has closed its sending side still gets its answers."""
    server = serve("--mode", model)
    with server.connect() as sock:
        sock.sendall(b"GET /sleep?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
        sock.shutdown(socket.SHUT_WR)
        answer = read_to_end(sock)
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert answer.endswith(b"Hello, World!")


def test_head(serve):
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        for path in (b"/plaintext", b"/stats"):
            sock.sendall(b"HEAD " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
            head = b""
            while not head.endswith(b"Hello, World!"):
                piece = sock.recv(65536)
                assert piece, head
                head += piece
            assert head.count(b"HTTP/1.1 200 ") == 2
            first = head.split(b"\r\n\r\n")[0]
            assert b"Content-Length: " in first and b"Content-Length: 0" not in first


def test_expect_100_continue(serve):
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello")
        assert read_response(sock)[2] == b"hello"
    with server.connect() as sock:
        sock.sendall(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert read_response(sock)[0] == 404
        assert is_closed(sock)


@pytest.mark.parametrize("size", [0, 1, 100, 8191, 70000, 1 << 20])
def test_bodies(compare, size):
    body = random.Random(size).randbytes(size)
    for model in MODELS:
        status, _, got = compare.request("POST", f"/{model}/echo", body)
        assert status == 200
        assert hashlib.sha256(got).digest() == hashlib.sha256(body).digest()


def test_body_where_none_is_wanted(serve):
    """The body is read, and the connection stays usable."""
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        sock.sendall(b"POST /plaintext HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + GET)
        status, headers, _, rest = read_response(sock)
        assert (status, headers["allow"]) == (405, "GET, HEAD")
        assert read_response(sock, rest)[0] == 200


def test_max_connections(serve):
    """A client beyond the limit is served as soon as another one has left."""
    server = serve("--mode", "uv-loop", "--max-connections", "3")
    socks = [server.connect() for _ in range(5)]
    for sock in socks:
        sock.sendall(GET)
    for sock in socks[:3]:
        assert read_response(sock)[0] == 200
    socks[4].settimeout(0.3)
    with pytest.raises(TimeoutError):
        socks[4].recv(1)
    socks[4].settimeout(20)
    socks[0].close()
    assert read_response(socks[3])[0] == 200
    socks[1].close()
    assert read_response(socks[4])[0] == 200
    for sock in socks:
        sock.close()
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1)


@pytest.mark.parametrize("model", MODELS)
def test_clients_that_leave(serve, model):
    """Clients leave at any point of their request, by a close or a reset. Nothing is left over; others are served."""
    server = serve("--mode", model)
    source = random.Random(2)
    requests = (
        b"GET /sleep?ms=20 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000,
        b"GET /file?size=1m HTTP/1.1\r\nHost: x\r\n\r\n",
        GET * 5,
    )
    for round in range(120):
        sock = server.connect()
        request = source.choice(requests)
        sock.sendall(request[: source.randrange(len(request) + 1)])
        if source.random() < 0.3:
            time.sleep(source.random() * 0.04)
        if source.random() < 0.5:
            reset(sock)
        else:
            sock.close()
        if round % 20 == 0:
            assert server.get("/plaintext")[0] == 200
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1)
    wait_until(lambda: server.model(model)["in_flight"] == 0)
    stats = server.stats()
    assert stats["http"]["requests_in_flight"] == 1
    assert server.get("/plaintext")[0] == 200


def test_slow_reader_gets_everything(serve):
    server = serve("--mode", "uv-loop")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(b"GET /file?size=1m HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := sock.recv(8192):
            answer += piece
            time.sleep(0.001)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert len(body) == 1 << 20
