"""ASGI's websocket scope as an app and its clients see it."""

import json
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus

from support import wait_until
from websockets_of import client, closed_with, expect_seen, start


@pytest.fixture(scope="module", params=[("asyncio", "1"), ("auto", "2")], ids=["asyncio", "two-loops"])
def app(request):
    loop, loops = request.param
    server = start("--asyncio-loop", loop, "--loops", loops)
    yield server
    server.stop()


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


def test_an_app_that_just_returns_refuses(app):
    with pytest.raises(InvalidStatus) as refusal:
        client(app, "/returns-first")
    assert refusal.value.response.status_code == 403


def test_the_app_fails_before_it_accepts(app):
    before = app.rejected("handler_error")
    with pytest.raises(InvalidStatus) as refusal:
        client(app, "/raises-first")
    assert refusal.value.response.status_code == 500
    assert json.loads(refusal.value.response.body) == {"error": "the handler failed; the server's log says why"}
    app.wait_for_log("ValueError: raised by a handshake")
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
    """The app gets an exception, and the websocket stays open."""
    with client(app, f"/wrong?{when}&{quote(json.dumps(event))}") as ws:
        assert ws.recv(60).startswith(error)
        assert closed_with(ws) == (1000, "")


def test_a_receive_that_is_given_up_loses_nothing(app):
    with client(app, "/impatient") as ws:
        for number in range(300):
            ws.send(str(number))
        assert [ws.recv(60) for _ in range(300)] == [str(number) for number in range(300)]


def test_many_tasks_send(app):
    """More tasks send than there is room for. Each message is sent when there is room, except the cancelled one."""
    with client(app, "/from-many-tasks") as ws:
        got = []
        while not (text := ws.recv(60)).endswith("cancelled"):
            got.append(int(text))
        assert closed_with(ws) == (1000, "")
    cancelled = int(text.split()[0])
    assert sorted(got) == [number for number in range(cancelled + 51) if number != cancelled]


def test_stats(app):
    expect_none_open(app)
    app.set_mark("websocket")
    with client(app, "/echo") as ws:
        wait_until(lambda: app.stats()["http"]["connections_active"] == 2)
        now = app.stats()
        assert now["http"]["requests_in_flight"] == 2  # the websocket, and this request
        assert now["models"]["py-asyncio"]["in_flight"] == 0  # its handshake was answered
        ws.close()
    expect_none_open(app)
    series = app.stats(since="websocket")["models"]["py-asyncio"]["workloads"]["app"]
    assert series["requests_total"] == series["phases"]["write"]["count"] == 1


def test_a_task_that_outlives_its_call_may_not_send(app):
    with client(app, "/leaves-a-sender", close_timeout=1):
        expect_seen(app, "sender: send: the websocket was closed")
    with pytest.raises(InvalidStatus):
        client(app, "/leaves-an-accepter").__enter__()
    expect_seen(app, "accepter: send: the app has returned")
