"""ASGI's websocket scope as an app and its clients see it, on asyncio and on uvloop."""

import json
import signal
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from raw_websocket import BINARY, CLOSE, PING, TEXT, RawWebSocket, close_frame, frame, handshake
from support import APPS, Background, Server, is_closed, read_response, wait_until


def start(*options):
    return Server("--mode", "py-asyncio", "--app-dir", APPS, *options, "websocket_app:app")


@pytest.fixture(scope="module", params=["asyncio", "auto"])
def app(request):
    server = start("--asyncio-loop", request.param)
    yield server
    server.stop()


def client(app, path, **more):
    return connect(f"ws://127.0.0.1:{app.port}{path}", max_size=None, **more)


def seen(app):
    return json.loads(app.get("/what-was-seen")[2])


def expect_seen(app, line):
    wait_until(lambda: line in seen(app))


def closed_with(ws):
    """Reads up to the close."""
    with pytest.raises(ConnectionClosed):
        while True:
            ws.recv(60)
    return ws.close_code, ws.close_reason


def expect_none_open(app):
    wait_until(lambda: app.stats()["http"]["connections_active"] == 1)


def test_echoes(app):
    with client(app, "/echo") as ws:
        for message in ("hällo €", b"\0\xff", "", b"", "x" * 100_000, bytes(1_000_000)):
            ws.send(message)
            assert ws.recv(60) == message
        ws.send(["in ", "three ", "pieces"])
        assert ws.recv(60) == "in three pieces"
        assert ws.ping("?").wait(60)
        ws.close(3210, "gone home")
    expect_seen(app, "echo: websocket.disconnect 3210 gone home")
    expect_none_open(app)


def test_the_scope(app):
    for way in ("", "/app", "/py-asyncio/app"):
        path = f"{way}/show?x=%20&y"
        headers = {"X-One": "1", "X-Two": "2"}
        with client(app, path, subprotocols=["a", "b"], additional_headers=headers) as ws:
            shown = json.loads(ws.recv(60))
            started, keys = json.loads(ws.recv(60))
            assert closed_with(ws) == (1000, "")
        assert (shown["type"], shown["scheme"], shown["http_version"]) == ("websocket", "ws", "1.1")
        assert shown["asgi"] == {"version": "3.0", "spec_version": "2.4"}
        assert (shown["path"], shown["raw_path"]) == (f"{way}/show", f"{way}/show")
        assert (shown["query_string"], shown["root_path"]) == ("x=%20&y", way)
        assert shown["server"] == ["127.0.0.1", app.port]
        assert shown["client"][0] == "127.0.0.1" and shown["client"][1] > 0
        assert ["x-one", "1"] in shown["headers"] and ["upgrade", "websocket"] in shown["headers"]
        assert shown["subprotocols"] == ["a", "b"]
        assert shown["extensions"] == {"websocket.http.response": {}}
        assert started and "method" not in keys


def test_what_it_is_accepted_with(app):
    with client(app, "/chosen", subprotocols=["chat.v1", "chat.v2"]) as ws:
        assert ws.subprotocol == "chat.v2"
        assert ws.response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
        assert (ws.response.headers["X-One"], ws.response.headers["Server"]) == ("1", "tandem")


def test_a_refusal(app):
    with pytest.raises(InvalidStatus) as refusal:
        client(app, "/refused")
    assert refusal.value.response.status_code == 403
    expect_seen(app, "refused: websocket.disconnect")


def test_a_refusal_with_a_response_of_its_own(app):
    with pytest.raises(InvalidStatus) as refusal:
        client(app, "/denied")
    response = refusal.value.response
    assert (response.status_code, response.headers["X-Why"], response.body) == (401, "because", b"who are you?")


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 3000, 4999])
def test_the_app_closes(app, code):
    reason = "é" * 61
    with client(app, f"/closes?{code}&{reason}") as ws:
        assert closed_with(ws) == (code, reason)
    expect_seen(app, f"closes: {code}")


def test_the_app_returns(app):
    with client(app, "/returns") as ws:
        assert ws.recv(60) == b"bye"
        assert closed_with(ws) == (1000, "")


def test_the_app_raises(app):
    with client(app, "/raises") as ws:
        assert closed_with(ws) == (1011, "")
    app.wait_for_log("ValueError: raised by a websocket")
    assert "Traceback (most recent call last)" in app.log()


@pytest.mark.parametrize(
    "path, reason",
    [
        ("/raises-first", "ValueError: raised by a handshake"),
        ("/returns-first", "RuntimeError: the app returned before it accepted or refused the websocket"),
    ],
)
def test_the_app_fails_before_it_accepts(app, path, reason):
    before = app.rejected("handler_error")
    with pytest.raises(InvalidStatus) as refusal:
        client(app, path)
    assert refusal.value.response.status_code == 500
    assert json.loads(refusal.value.response.body) == {"error": "the handler failed; the server's log says why"}
    app.wait_for_log(reason)
    assert app.rejected("handler_error") == before + 1


@pytest.mark.parametrize(
    "when, event, error",
    [
        ("before", {"type": "websocket.send", "text": "x"}, "RuntimeError: send: 'websocket.send' came before"),
        ("before", {"type": "http.response.start"}, "RuntimeError: send: 'http.response.start' came before"),
        ("before", {"type": "websocket.accept", "subprotocol": "x"}, "ValueError: send: the client has not offered"),
        ("before", {"type": "websocket.http.response.start", "status": 101}, "ValueError: send: 101 is not a status"),
        (
            "before",
            {"type": "websocket.accept", "headers": [["Sec-WebSocket-Accept", "x"]]},
            "ValueError: send: the header Sec-WebSocket-Accept is the server's to send",
        ),
        ("before", {"type": "websocket.accept", "headers": [["a b", "x"]]}, "ValueError"),
        ("after", {"type": "websocket.accept"}, "RuntimeError: send: 'websocket.accept' came when"),
        ("after", {"type": "websocket.send"}, "ValueError: send: websocket.send has bytes or text"),
        ("after", {"type": "websocket.send", "text": 5}, "TypeError"),
        ("after", {"type": "websocket.send", "bytes": "x"}, "TypeError"),
        ("after", {"type": "websocket.send", "text": "\ud800"}, "UnicodeEncodeError"),
        ("after", {"type": "websocket.close", "code": 1005}, "ValueError: send: 1005 is no close code"),
        ("after", {"type": "websocket.close", "code": -1}, "ValueError: send: -1 is no close code"),
        ("after", {"type": "websocket.close", "code": 70000}, "ValueError: send: 70000 is no close code"),
        ("after", {"type": "websocket.close", "code": "x"}, "TypeError"),
        ("after", {"type": "websocket.close", "reason": "x" * 124}, "ValueError: send: a close reason has at most 123"),
    ],
)
def test_what_the_app_must_not_send(app, when, event, error):
    """It is told by an exception, and the websocket goes on."""
    with client(app, f"/wrong?{when}&{quote(json.dumps(event))}") as ws:
        assert ws.recv(60).startswith(error)
        assert closed_with(ws) == (1000, "")


def test_a_receive_that_is_given_up_loses_nothing(app):
    with client(app, "/impatient") as ws:
        for number in range(300):
            ws.send(str(number))
        assert [ws.recv(60) for _ in range(300)] == [str(number) for number in range(300)]


def test_many_tasks_send(app):
    """More than may wait: each is sent when there is room, but for the one that was cancelled."""
    with client(app, "/from-many-tasks") as ws:
        got = [ws.recv(60) for _ in range(99)]
        assert closed_with(ws) == (1000, "")
    assert sorted(got) == [bytes([number]) * 40_000 for number in range(100) if number != 50]


def wait_until_stuck(app):
    """Until /sends-much sends nothing between two questions."""
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
        ws.socket.settimeout(1)
        sent, message = 0, frame(TEXT, b"x" * 1000)
        with pytest.raises(TimeoutError):
            while sent < 60_000_000:
                sent += ws.socket.send(message[sent % len(message) :] + message * 50)
        assert app.stats()["process"]["resident_memory_bytes"] < before + 4_000_000
        other.send(frame(TEXT, b"others go on"))
        assert other.message() == (TEXT, b"others go on")
        with pytest.raises(InvalidStatus):
            client(app, "/tells")
        ws.socket.settimeout(60)
        whole, part = divmod(sent, len(message))
        ws.send((message[part:] if part else b"") + frame(TEXT, b"count"))
        assert ws.message() == (TEXT, str(whole + bool(part) + 1).encode())


def test_stats(app):
    expect_none_open(app)
    before = app.stats()
    with client(app, "/echo") as ws:
        now = app.stats()
        assert now["http"]["connections_active"] == before["http"]["connections_active"] + 1
        assert now["http"]["requests_in_flight"] == before["http"]["requests_in_flight"] + 1
        assert now["models"]["py-asyncio"]["in_flight"] == 0  # it was answered
        ws.close()
    expect_none_open(app)
    after, was = (each["models"]["py-asyncio"]["workloads"]["app"] for each in (app.stats(), before))
    assert after["requests_total"] == was["requests_total"] + 1
    assert after["phases"]["write"]["count"] == was["phases"]["write"]["count"] + 1


def test_pings_and_a_client_that_does_not_answer(app):
    """Takes forty seconds: twice the time between two pings."""
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
    server.stop()


def test_a_drain_with_clients_that_do_not_answer():
    """They are cut off in time for the drain's time-out."""
    server = start("--drain-timeout", "2s")
    with RawWebSocket(server, "/echo") as mute, RawWebSocket(server, "/sends-much?100000") as stuck:
        wait_until_stuck(server)
        ends = Background(mute.closed)
        server.signal(signal.SIGTERM)
        assert ends.result() == (1012, "")
        assert server.wait() == 0
        assert stuck.message()[0] == BINARY  # what it got before


def test_an_accept_in_the_drain():
    server = start("--drain-timeout", "20s")
    with server.connect() as sock, client(server, "/echo") as ws:
        sock.sendall(handshake("/accepts-when-told"))
        wait_until(lambda: server.model("py-asyncio")["in_flight"] == 1)
        telling = server.connect()
        telling.sendall(handshake("/tells"))
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
        telling.close()
    assert server.wait() == 0
    server.stop()
