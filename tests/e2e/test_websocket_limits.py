"""The waits of a websocket and their limits: back-pressure in both directions, pings, timeouts, the drain."""

import signal

import pytest
from websockets.exceptions import InvalidStatus

from raw_websocket import BINARY, CLOSE, PING, TEXT, RawWebSocket, close_frame, frame, handshake
from support import Background, is_closed, read_response, wait_until
from websockets_of import client, closed_with, expect_seen, seen, start


@pytest.fixture(scope="module")
def app():
    server = start()
    yield server
    server.stop()


def wait_until_stuck(app):
    """Waits until /sends-much sends nothing between two looks at its notes."""
    sent = -1
    while (now := len(seen(app))) != sent:
        sent = now


def test_a_client_that_takes_nothing_holds_its_app_up(app):
    with RawWebSocket(app, "/sends-much?10000") as ws:
        before = app.stats()["process"]["resident_memory_bytes"]
        wait_until_stuck(app)
        assert app.stats()["process"]["resident_memory_bytes"] < before + 8_000_000
        for _ in range(2000):
            assert ws.message() == (BINARY, bytes(10000))
    expect_seen(app, "sends-much: ConnectionResetError")


def test_an_app_that_takes_nothing_holds_its_client_up(app):
    with RawWebSocket(app, "/takes-when-told") as ws, RawWebSocket(app, "/echo") as other:
        before = app.stats()["process"]["resident_memory_bytes"]
        message = frame(TEXT, b"x" * 1000)
        sent = ws.send_until_held_up(message * 50, 60_000_000)
        assert app.stats()["process"]["resident_memory_bytes"] < before + 4_000_000
        other.send(frame(TEXT, b"others go on"))
        assert other.message() == (TEXT, b"others go on")
        with pytest.raises(InvalidStatus):
            client(app, "/tells")
        whole, part = divmod(sent, len(message))
        ws.send((message[part:] if part else b"") + frame(TEXT, b"count"))
        assert ws.message() == (TEXT, str(whole + bool(part) + 1).encode())


def test_pings_and_a_client_that_does_not_answer():
    app = start("--websocket-ping", "1500ms")
    with RawWebSocket(app, "/echo") as dumb, RawWebSocket(app, "/never-ends") as other, client(app, "/echo") as ws:
        assert dumb.frame() == (PING, True, b"")
        assert other.frame() == (PING, True, b"")
        other.send(frame(10))
        assert dumb.closed() == (1011, "no pong came")
        dumb.expect_end()
        other.send(close_frame(4000))
        assert other.closed() == (4000, "")
        ws.send("still here")
        assert ws.recv(60) == "still here"
    expect_seen(app, "echo: websocket.disconnect 1006 ")
    app.stop()


def test_a_client_that_does_not_answer_a_close():
    app = start("--websocket-close", "300ms")
    with RawWebSocket(app, "/returns") as ws:
        assert ws.message() == (BINARY, b"bye")
        assert ws.closed() == (1000, "")
        ws.send(frame(TEXT, b"not a close"))
        ws.expect_end()
    app.stop()


def test_the_handshake_has_the_request_s_timeout():
    server = start("--request-timeout", "300ms", "--keep-alive", "300ms")
    with client(server, "/echo") as ws, server.connect() as slow, server.connect() as idle:
        slow.sendall(handshake("/waits-first"))
        assert read_response(slow)[0] == 504
        expect_seen(server, "waits-first: websocket.disconnect 1006")
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(idle)[0] == 200 and is_closed(idle)
        ws.send("neither is for one that is open")
        assert ws.recv(60) == "neither is for one that is open"
    server.stop()


def test_a_client_that_leaves_before_it_is_accepted():
    server = start("--request-timeout", "500ms")
    with server.connect() as sock:
        sock.sendall(handshake("/waits-first"))
        expect_seen(server, "waits-first: called")
    expect_seen(server, "waits-first: websocket.disconnect 1006")
    server.stop()


def test_the_drain():
    server = start("--drain-timeout", "20s")
    with client(server, "/echo") as ws, RawWebSocket(server, "/never-ends") as raw:
        server.signal(signal.SIGTERM)
        assert closed_with(ws) == (1012, "")
        opcode, payload = raw.message()
        assert (opcode, payload) == (CLOSE, b"\x03\xf4")
        raw.send(close_frame(1012))
        raw.expect_end()
    assert server.wait() == 0
    assert "'echo: websocket.disconnect 1012 '" in server.log() and "'never-ends: 1012'" in server.log()
    assert "Traceback" not in server.log()
    server.stop()


def test_a_drain_with_clients_that_do_not_answer():
    """Their connections are cut before the drain's time limit."""
    server = start("--drain-timeout", "2s")
    with RawWebSocket(server, "/echo") as mute, RawWebSocket(server, "/sends-much?100000") as stuck:
        wait_until_stuck(server)
        ends = Background(mute.closed)
        server.signal(signal.SIGTERM)
        assert ends.result() == (1012, "")
        assert server.wait() == 0
        assert stuck.message()[0] == BINARY  # sent before the drain


def test_an_accept_in_the_drain():
    server = start("--drain-timeout", "20s")
    with server.connect() as sock, client(server, "/tells-in-the-end") as ws:
        sock.sendall(handshake("/accepts-when-told"))
        wait_until(lambda: server.model("py-asyncio")["in_flight"] == 1)
        server.signal(signal.SIGTERM)
        assert closed_with(ws) == (1012, "")
        data = b""
        while not data.endswith(b"\x88\x02\x03\xf4"):
            piece = sock.recv(4096)
            assert piece, data
            data += piece
        assert data.startswith(b"HTTP/1.1 101 ")
        sock.sendall(close_frame(1012))
        assert is_closed(sock)
    assert server.wait() == 0
    server.stop()
