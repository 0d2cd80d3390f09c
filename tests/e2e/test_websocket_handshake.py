"""The opening handshake of a websocket: requests that are one, that are refused, and that stay HTTP."""

import json

import pytest

from raw_websocket import ACCEPT, TEXT, RawWebSocket, frame, handshake
from support import APPS, Server, read_response


@pytest.fixture(scope="module")
def app():
    server = Server("--mode", "py-asyncio", "--app-dir", APPS, "websocket_app:app")
    yield server
    server.stop()


def test_the_accept_of_the_rfc(app):
    with RawWebSocket(app, "/echo") as ws:
        assert f"\r\nSec-WebSocket-Accept: {ACCEPT}\r\n".encode() in ws.head + b"\r\n"
        assert b"Sec-WebSocket-Extensions" not in ws.head


@pytest.mark.parametrize(
    "changed",
    [
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "upgrade, close"},
        {"Upgrade": "h2c, WebSocket"},
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
    ],
)
def test_other_ways_to_ask_for_one(app, changed):
    with RawWebSocket(app, "/echo", frame(TEXT, b"hello"), changed) as ws:
        assert ws.message() == (TEXT, b"hello")
        assert b"extensions" not in ws.head.lower()


@pytest.mark.parametrize("version", ["8", "13, 8", "130", "", None])
def test_another_version(app, version):
    with app.connect() as sock:
        sock.sendall(handshake("/echo", {"Sec-WebSocket-Version": version}))
        status, headers, body, _ = read_response(sock)
    assert (status, headers["sec-websocket-version"], headers["upgrade"]) == (426, "13", "websocket")
    assert json.loads(body) == {"error": "websockets of version 13 are served here: RFC 6455"}


KEY_ERROR = {"error": "Sec-WebSocket-Key is not one field of 16 bytes in base64"}


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZTE=",
        "dGhlIHNhbXBsZSBub25jZQ=*",
        "dGhlIHNhbXBsZSBub2*jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
)
def test_a_wrong_key(app, key):
    with app.connect() as sock:
        sock.sendall(handshake("/echo", {"Sec-WebSocket-Key": key}))
        status, _, body, _ = read_response(sock)
        assert (status, json.loads(body)) == (400, KEY_ERROR)
        sock.sendall(handshake("/echo"))  # the connection goes on
        assert sock.recv(12) == b"HTTP/1.1 101"


NEXT = b"GET /what-was-seen HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "path, asked",
    [
        ("/plain", {"Upgrade": "h2c"}),
        ("/plain", {"Upgrade": None}),
        ("/plain", {"Connection": "keep-alive"}),
        ("/plain", {"Content-Length": "1"}),
        ("/plain", {"method": "POST"}),
        ("/_tandem/stats", {}),
        ("/py-asyncio/json", {}),
    ],
)
def test_what_is_no_websocket_is_http(app, path, asked):
    """The request after it is HTTP too."""
    body = b"x" if "Content-Length" in asked else b""
    method = asked.pop("method", "GET")
    with app.connect() as sock:
        sock.sendall(handshake(path, asked, method) + body + NEXT)
        status, _, _, rest = read_response(sock)
        assert status == 200
        assert read_response(sock, rest)[0] == 200


def test_http_1_0_has_none(app):
    answer = app.raw(handshake("/plain", version="HTTP/1.0"))
    assert answer.startswith(b"HTTP/1.") and b" 200 " in answer[:20] and answer.endswith(b"plain")


def test_a_wsgi_app_has_none():
    server = Server("--mode", "py-threads", "--app-dir", APPS, "wsgi_app:app")
    with server.connect() as sock:
        sock.sendall(handshake("/"))
        assert read_response(sock)[:3:2] == (200, b"Hello, World!")
    server.stop()


def test_a_refusal_and_what_comes_after_it(app):
    with app.connect() as sock:
        sock.sendall(handshake("/refused") + NEXT + handshake("/echo") + frame(TEXT, b"late"))
        status, _, body, rest = read_response(sock)
        assert (status, json.loads(body)) == (403, {"error": "the app refused the websocket"})
        status, _, _, rest = read_response(sock, rest)
        assert status == 200
        while not rest.endswith(b"\x81\x04late"):
            rest += sock.recv(4096)
        assert rest.startswith(b"HTTP/1.1 101")


def test_the_handshake_after_a_request(app):
    with app.connect() as sock:
        sock.sendall(NEXT + handshake("/echo") + frame(TEXT, b"late"))
        status, _, _, rest = read_response(sock)
        assert status == 200
        while not rest.endswith(b"\x81\x04late"):
            rest += sock.recv(4096)
        assert rest.startswith(b"HTTP/1.1 101")
