"""Answers whose bytes leave in many small pieces: the kernel takes a part of them or none (EAGAIN), at ever new places.

tests/http/wire/test_output.c has each number of bytes that a send can take, and a reset at each call. Here the kernel
decides: see tiny_buffers.py.
"""

import json
from types import SimpleNamespace

import pytest

from raw_websocket import BINARY, TEXT, RawWebSocket, close_frame, frame, handshake
from support import MODELS, Background
from tiny_buffers import (
    APP_OF,
    FILLINGS,
    WSGI,
    after_filling,
    answers,
    ask,
    connect,
    filling,
    get,
    post,
    read_up_to,
    serve_tiny,
    split,
)

LARGE = bytes(range(256)) * 256  # 64 KiB
FILE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n" * (1 << 14)  # /file
SIPS = (1, 2, 3, 5, 7, 11, 64, 333, 1000)
SEGMENTS = (88, 301, 536)  # Linux allows no packets smaller than the first


@pytest.fixture(scope="module", params=MODELS)
def server(request):
    server = serve_tiny(
        request.param, "--threads", "2", "--max-header", "1KiB", "--linger", "20s", "--stats-stream-period", "20ms"
    )
    yield server
    server.stop()


def cases_of(server):
    """Returns a list of (request, the body of its answer; None: not compared with a constant)."""
    base = b"/" + server.mode.encode()
    cases = [
        (get(base + b"/plaintext"), b"Hello, World!"),
        (post(base + b"/echo", b"small"), b"small"),
        (get(base + b"/plaintext", b"HEAD"), b""),
        (post(base + b"/echo", LARGE[:5000]), LARGE[:5000]),
        (get(b"/nowhere/at/all" if server.mode not in APP_OF else base + b"/nowhere"), None),
        (get(base + b"/primes?n=0"), None),
        (post(base + b"/plaintext", b"x"), None),
        (get(base + b"/file?size=64k"), FILE[: 1 << 16]),
        (post(base + b"/echo", LARGE), LARGE),
        (get(base + b"/file?size=4k", b"HEAD"), b""),
        (get(base + b"/json"), b'{"message":"Hello, World!"}'),
    ]
    if server.mode in APP_OF:
        cases += [
            (get(b"/large-head"), b"body"),
            (get(b"/empty"), b""),
            (post(b"/echo-pieces", LARGE * 3), LARGE * 3),
            (get(b"/large-head", b"HEAD"), b""),
            (get(b"/stream" if server.mode == "py-asyncio" else b"/generator"), b"0\n1\n2\n3\n4\n"),
        ]
    if server.mode in WSGI:
        cases += [
            (get(b"/large-file?4k"), FILE[: 1 << 12]),
            (get(b"/large-file?64k"), FILE[: 1 << 16]),
            (get(b"/large-file?64k", b"HEAD"), b""),
            (get(b"/not-modified"), b""),
            (get(b"/pieces-with-length"), b"sixsix"),
        ]
    return [*cases, (get(base + b"/plaintext", fields=b"Connection: close\r\n"), b"Hello, World!")]


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_kind_of_answer_arrives_byte_for_byte(server, segment):
    """The requests are pipelined. A client that reads at once gets the same answers."""
    requests, bodies = zip(*cases_of(server), strict=True)
    methods = [request.split()[0] for request in requests]
    with server.connect() as sock:
        expected = answers(ask(sock, b"".join(requests)), methods)
    for (head, body), known in zip(expected, bodies, strict=True):
        assert known is None or body == known, head
    with connect(server, segment) as sock:
        assert answers(ask(sock, b"".join(requests), SIPS), methods) == expected


def test_small_answers_arrive_byte_for_byte_to_one_that_reads_a_byte_at_a_time(server):
    request = get(b"/%s/plaintext" % server.mode.encode())
    count = 60
    with connect(server, 88) as sock:
        data = ask(sock, request * (count - 1) + request[:-2] + b"Connection: close\r\n\r\n", (1,))
    (first, body), *others = answers(data, [b"GET"] * count)
    assert (first.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"Hello, World!")
    last = (first.replace(b"Date: ", b"Date: \r\nConnection: close"), body)
    assert others == [(first, body)] * (count - 2) + [last]


def test_a_mebibyte(server):
    paths = [b"/%s/file?size=1m" % server.mode.encode()]
    if server.mode in WSGI:
        paths.append(b"/large-file?1m")
    for path in paths:
        with connect(server) as sock:
            data = ask(sock, get(path, fields=b"Connection: close\r\n"), (999, 4000, 1))
        ((head, body),) = answers(data, [b"GET"])
        assert (head.split(b"\r\n")[0], body == FILE) == (b"HTTP/1.1 200 OK", True)


REFUSED = {
    400: b"GARBAGE\r\n\r\n",
    413: b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"l" * 2000,
}


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_behind_answers_that_are_not_read_yet(server, status):
    socks = [(connect(server), *fill) for fill in FILLINGS[status % 3 :: 3]]
    for sock, *fill in socks:
        sock.sendall(filling(server, *fill) + REFUSED[status])
    for sock, *fill in socks:
        with sock:
            ((head, body),) = answers(after_filling(ask(sock, b"", SIPS), *fill), [b"GET"])
        assert head.startswith(b"HTTP/1.1 %d " % status) and b"\r\nConnection: close" in head
        assert set(json.loads(body)) == {"error"}


@pytest.mark.parametrize("offset", range(3))
def test_100_continue_behind_answers_that_are_not_read_yet(server, offset):
    """The client sends its body when it has the 100. An ASGI app has the request by then, and reads a long body."""
    if server.mode == "py-asyncio":
        path, body = b"/echo-pieces", LARGE + b"more"
    else:
        path, body = b"/%s/echo" % server.mode.encode(), LARGE[:5000]
    head = get(path, b"POST", b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body))
    socks = [(connect(server), *fill) for fill in FILLINGS[offset::3]]
    for sock, *fill in socks:
        sock.sendall(filling(server, *fill) + head)
    for sock, *fill in socks:
        with sock:
            data = read_up_to(sock, b"HTTP/1.1 100 Continue\r\n\r\n", SIPS)
            data += ask(sock, body, (4000,))
        _, (head_of_answer, echoed) = answers(after_filling(data, *fill), [None, b"POST"])
        assert head_of_answer.startswith(b"HTTP/1.1 200 ") and echoed == body


def test_a_time_limit_behind_answers_that_are_not_read_yet(serve):
    server = serve_tiny("uv-loop", "--header-timeout", "300ms", "--linger", "20s", start=serve)
    socks = [(connect(server), *fill) for fill in FILLINGS[::3]]
    for sock, *fill in socks:
        sock.sendall(filling(server, *fill) + b"GET /never-whole HTTP/1.1\r\n")
    for sock, *fill in socks:
        with sock:
            ((head, body),) = answers(after_filling(ask(sock, b"", SIPS), *fill), [b"GET"])
        assert head.startswith(b"HTTP/1.1 408 ") and set(json.loads(body)) == {"error"}


def test_a_stream_of_events(server):
    """Each document is whole, though it does not fit between server and client, and a new one waits for its end."""
    with connect(server) as sock:
        sock.sendall(get(f"{server.pages}/stats/stream".encode()))
        data = b"".join(read_up_to(sock, b"\n\n\r\n", (1,)) for _ in range(3))
    head, _, data = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    text = b""
    while True:
        size, end, rest = data.partition(b"\r\n")
        if not end or len(rest) < int(size, 16) + 2:
            break
        text, data = text + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    for document in text.split(b"\n\n")[:2]:
        assert document.startswith(b"data: ") and json.loads(document[6:])["tandem"]["mode"] == server.mode


def test_websockets(serve):
    """The 101 comes behind answers that are not read yet. A large message goes both ways."""
    server = serve_tiny("py-asyncio", "--linger", "20s", app="websocket_app:app", start=serve)
    socks = [(connect(server), *fill) for fill in FILLINGS[::3]]
    for sock, *fill in socks:
        sock.sendall(filling(server, *fill) + handshake("/echo") + frame(TEXT, b"hello"))
    for sock, *fill in socks:
        with sock:
            data = read_up_to(sock, b"\x81\x05hello", SIPS)
            data += ask(sock, close_frame(1000))
        ((head, _),), frames = split(after_filling(data, *fill), [None])
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert frames == b"\x81\x05hello\x88\x02\x03\xe8"
    with RawWebSocket(SimpleNamespace(connect=lambda timeout: connect(server)), "/echo") as websocket:
        sender = Background(websocket.send, frame(BINARY, LARGE * 4))
        opcode, message = websocket.message()
        assert (opcode, message == LARGE * 4) == (BINARY, True)
        sender.result()
        websocket.send(close_frame(1000))
        assert websocket.closed() == (1000, "")
