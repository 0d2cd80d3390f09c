"""ASGI 3 as a client and an app see it, on the default event loop and on asyncio's."""

import hashlib
import json
import socket
import threading

import pytest

from support import (
    APPS,
    Server,
    expect_app_failure,
    expect_broken_off,
    expect_client_held_up,
    read_response,
    read_to_end,
    reset,
    run,
    wait_until,
)


def close(sock):
    sock.close()


def half_close(sock):
    sock.shutdown(socket.SHUT_WR)


def start(*options):
    return Server("--mode", "py-asyncio", "--app-dir", APPS, *options)


@pytest.fixture(scope="module")
def app():
    server = start("--max-body", "64MiB", "asgi_app:app")
    yield server
    server.stop()


def seen(app):
    return json.loads(app.get("/what-was-seen")[2])


def test_a_plain_answer(app):
    status, headers, body = app.get("/")
    assert (status, body, headers["Content-Type"], headers["Content-Length"]) == (
        200,
        b"Hello, World!",
        "text/plain",
        "13",
    )
    assert headers["Server"] == "tandem"


def test_the_scope(app):
    path = "/show/a%20b/%c3%a9%ff?x=%20&y"
    shown = json.loads(app.request("PATCH", path, b"\0\xff", {"X-One": " padded ", "Content-Type": "a/b"})[2])
    assert (shown["type"], shown["method"], shown["scheme"], shown["http_version"]) == ("http", "PATCH", "http", "1.1")
    assert shown["asgi"] == {"version": "3.0", "spec_version": "2.3"}
    assert (shown["path"], shown["raw_path"]) == ("/show/a b/é\ufffd", "/show/a%20b/%c3%a9%ff")
    assert (shown["query_string"], shown["root_path"]) == ("x=%20&y", "")
    assert shown["server"] == ["127.0.0.1", app.port]
    assert shown["client"][0] == "127.0.0.1" and shown["client"][1] > 0
    assert ["x-one", "padded"] in shown["headers"] and ["content-length", "2"] in shown["headers"]
    assert shown["event"] == {"type": "http.request", "body": "\0\xff", "more_body": False}


def test_the_ways_to_the_app(app):
    for way in ("/app", "/py-asyncio/app"):
        shown = json.loads(app.get(f"{way}/show")[2])
        assert (shown["root_path"], shown["path"]) == (way, f"{way}/show")
    assert app.get("/py-asyncio/json")[2] == b'{"message":"Hello, World!"}'
    assert app.get("/_tandem/stats")[0] == 200


def test_headers_of_the_answer(app):
    status, headers, body = app.get("/fields")
    assert (status, body) == (418, b"short and stout")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert (headers["X-Latin"], headers.get_all("Server"), headers["Connection"]) == ("\xe9", ["mine"], None)
    assert headers["X-Empty"] == ""


def test_a_stream(app):
    assert app.get("/stream")[::2] == (200, b"0\n1\n2\n3\n4\n")
    assert app.request("HEAD", "/stream")[::2] == (200, b"")


def test_a_stream_that_is_faster_than_its_client(app):
    memory = app.stats()["process"]["resident_memory_bytes"]
    with app.connect() as sock:
        sock.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        for _ in range(100):
            app.get("/")
        assert app.stats()["process"]["resident_memory_bytes"] < memory + 6_000_000
        assert read_to_end(sock).count(b"x") >= 10_000_000


def test_a_client_that_leaves_a_stream(app):
    with app.connect() as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(100)
    wait_until(lambda: "endless: http.disconnect" in seen(app))


@pytest.mark.parametrize("how", [close, half_close, reset])
@pytest.mark.parametrize("path, told", [("/waits", "waits"), ("/waits-in-a-stream", "stream")])
def test_a_client_that_leaves_while_its_call_waits(app, path, told, how):
    before = seen(app)
    with app.connect() as sock:
        sock.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
        if told == "stream":
            assert sock.recv(10_000)
        else:
            wait_until(lambda: seen(app)[len(before) :] == ["waits: called"])
        how(sock)
        wait_until(lambda: seen(app)[-1:] == [f"{told}: http.disconnect"] and len(seen(app)) > len(before))
        if how is half_close:
            assert (b"last" if told == "stream" else b"good-bye") in read_to_end(sock)


def test_waiting_for_an_event_may_be_given_up(app):
    with app.connect() as sock:
        sock.sendall(b"POST /polls HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        wait_until(lambda: seen(app).count("polls: in vain") >= 3)
        sock.sendall(b"3\r\ntwo\r\n0\r\n\r\n")
        assert read_response(sock)[::2][:2] == (200, b"onetwo")


def test_a_call_goes_on_after_its_answer(app):
    assert app.get("/after")[2] == b"whole"
    wait_until(lambda: seen(app)[-2:] == ["after: http.disconnect", "after: done"])


BODY = bytes(range(256)) * 20_000 + b"end"
COUNTED = f"{len(BODY)} {hashlib.sha256(BODY).hexdigest()}".encode()


@pytest.mark.parametrize("path", ["/count", "/reads-late"])
def test_a_large_body(app, path):
    assert app.request("POST", path, BODY)[::2] == (200, COUNTED)


def test_a_large_body_in_chunks(app):
    pieces = (BODY[at : at + 70_001] for at in range(0, len(BODY), 70_001))
    assert app.request("POST", "/count", pieces)[::2] == (200, COUNTED)


def test_an_answer_that_begins_before_the_body_is_read(app):
    status, _, body = app.request("POST", "/echo-pieces", BODY)
    assert (status, body == BODY) == (200, True)


HEAD = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n"


def test_an_answer_instead_of_reading_the_body(app):
    with app.connect() as sock:
        sock.sendall(HEAD % b"/" + BODY)
        status, headers, body, _ = read_response(sock)
        assert (status, body, headers["connection"]) == (200, b"Hello, World!", "close")


def test_a_client_that_leaves_in_the_middle_of_a_body(app):
    with app.connect() as sock:
        sock.sendall(HEAD % b"/left" + BODY)
        wait_until(lambda: app.model("py-asyncio")["in_flight"] == 1)
    wait_until(lambda: "left: http.request http.disconnect" in seen(app))


def test_a_body_that_nobody_reads_yet_stays_with_its_client(app):
    expect_client_held_up(app, "/reads-late", BODY)


def test_each_request_has_a_context_of_its_own(app):
    answers = []
    threads = [threading.Thread(target=lambda n=n: answers.append(app.get(f"/context?{n}")[2])) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(f"None {n}".encode() for n in range(20))


def test_requests_have_copies_of_the_lifespan_s_state(app):
    for _ in range(2):
        assert app.get("/state")[2] == b"1 True"


@pytest.mark.parametrize(
    "path, reason",
    [
        ("/raises", "ValueError: raised by the app"),
        ("/nothing", "RuntimeError: the app returned before its response was whole"),
        ("/half", "RuntimeError: the app returned before its response was whole"),
        ("/too-long", "ValueError: the app's body has 4 bytes, its Content-Length is 3"),
        ("/body-first", "RuntimeError: send: http.response.body came before the start"),
        ("/text", "TypeError: send: the body is bytes, not str"),
        ("/bad-status?101", "ValueError: send: 101 is not a status from 200 to 599"),
        ("/bad-status?1000", "is not a status"),
        ("/bad-event", "ValueError: send: 'websocket.accept' is no event of a response"),
        ("/bad-header", "TypeError: send: a header's name is bytes, not str"),
    ],
)
def test_what_the_app_does_wrong_is_a_500_and_told_to_the_log(app, path, reason):
    expect_app_failure(app, path, reason)


@pytest.mark.parametrize("path", ["/raises-later", "/too-short", "/twice"])
def test_a_failure_in_the_middle_breaks_the_answer_off(app, path):
    expect_broken_off(app, path)


def test_answers_without_a_body(app):
    assert app.get("/empty")[::2] == (204, b"")
    status, headers, body = app.request("HEAD", "/")
    assert (status, body, headers["Content-Length"]) == (200, b"", "13")


def test_stats_have_the_app(app):
    app.get("/")
    series = app.model("py-asyncio")["workloads"]["app"]
    assert series["requests_total"] >= 1
    assert series["phases"]["handler"]["count"] >= 1


@pytest.mark.parametrize("name", ["asgi_app:instance", "asgi_app:without_lifespan"])
@pytest.mark.parametrize("loop", ["asyncio", "auto"])
def test_other_apps(name, loop):
    server = start("--asyncio-loop", loop, name)
    assert server.get("/")[2] == b"Hello, World!"
    server.stop()


def test_the_app_is_shut_down():
    server = start("asgi_app:app")
    assert server.get("/")[0] == 200
    server.process.terminate()
    assert server.process.stdout.read() == "the app is shut down\n"
    server.stop()


def test_what_goes_on_after_an_answer_is_waited_for():
    server = start("asgi_app:app")
    assert server.get("/background")[2] == b"soon"
    server.process.terminate()
    lines = server.process.stdout.read().splitlines()
    assert lines == ["the background is done", "the app is shut down", "the thread is done"]
    server.stop()


def test_what_goes_on_for_too_long_is_cancelled():
    server = start("--drain-timeout", "300ms", "asgi_app:app")
    assert server.get("/background")[2] == b"soon"
    server.process.terminate()
    lines = server.process.stdout.read().splitlines()
    assert "the app is shut down" in lines and "the background is done" not in lines
    assert server.process.wait(30) in (0, 1)  # the thread may take longer than the drain


def test_a_startup_that_fails():
    done = run("--port", "0", "--mode", "py-asyncio", "--app-dir", APPS, "asgi_app:failing")
    assert done.returncode == 3
    assert "APP: asgi_app:failing cannot start: the app's startup failed: no database today" in done.stderr


def test_models_that_block_say_that_they_cannot(serve):
    server = serve("--app-dir", APPS, "asgi_app:app")
    assert server.get("/py-asyncio/app/")[2] == b"Hello, World!"
    status, _, body = server.get("/py-threads/app/")
    assert (status, json.loads(body)["error"]) == (
        501,
        "py-threads cannot run app: it is an ASGI app, which py-asyncio runs",
    )
