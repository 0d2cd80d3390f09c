"""The lifespan of an ASGI app: apps without one, apps whose lifespan ends early. Answers that are left unfinished."""

import os

import pytest

from support import read_response, run

HTTP = """
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"x"})
"""


@pytest.fixture
def serve_source(serve, tmp_path):
    def start(source):
        (tmp_path / "main.py").write_text(source)
        return serve("--mode", "py-asyncio", "--app-dir", str(tmp_path), "main:app")

    return start


def test_an_app_that_raises_at_its_startup_is_served_and_the_log_says_so(serve_source):
    server = serve_source(
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        raise RuntimeError('no database')\n" + HTTP
    )
    assert server.get("/")[0] == server.get("/")[0] == 200
    said = "INFO  app: served without a lifespan: the call for it raised RuntimeError: no database\n"
    assert server.log().count(said) == 1
    assert server.log().count("no database") == 1


def test_a_lifespan_that_dies_later_is_reported_then(serve_source):
    server = serve_source(
        "import asyncio\n"
        "event = asyncio.Event()\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        await receive()\n"
        "        await send({'type': 'lifespan.startup.complete'})\n"
        "        await event.wait()\n"
        "        raise RuntimeError('the pool is gone')\n"
        "    event.set()\n" + HTTP
    )
    assert server.get("/")[0] == 200
    server.wait_for_log("ERROR app: its lifespan has ended with an exception, and the server goes on without it:")
    server.wait_for_log("RuntimeError: the pool is gone")
    assert server.get("/")[0] == 200


@pytest.mark.parametrize(("event", "said"), [("'message': ''", "the app gave no message"), ("'message': 'x'", "x")])
def test_a_startup_that_fails_says_why(tmp_path, event, said):
    (tmp_path / "main.py").write_text(
        "async def app(scope, receive, send):\n"
        "    await receive()\n"
        f"    await send({{'type': 'lifespan.startup.failed', {event}}})\n"
    )
    done = run("--port", "0", "--mode", "py-asyncio", "--app-dir", str(tmp_path), "main:app")
    assert done.returncode == 3
    assert done.stderr.endswith(f"cannot start: the app's startup failed: {said}\n")


STARTS_ONLY = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        status, _, length = scope["path"][1:].partition("/")
        headers = [(b"content-length", length.encode())] if length else []
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
"""


def test_a_head_without_a_body_is_sent_when_the_app_returns(serve_source):
    server = serve_source(STARTS_ONLY)
    assert server.get("/204")[::2] == (204, b"")
    assert server.get("/304")[::2] == (304, b"")
    status, headers, body = server.get("/200/0")
    assert (status, headers["Content-Length"], body) == (200, "0", b"")
    assert server.request("HEAD", "/200/5")[0] == 200
    assert server.get("/404/0")[0] == 404
    assert server.rejected("handler_error") == 0
    for path in ("/200", "/200/5"):
        assert server.get(path)[0] == 500
    server.wait_for_log("RuntimeError: the app returned before its response was whole")


def test_a_websocket_app_that_just_returns_refuses(serve_source):
    server = serve_source("async def app(scope, receive, send):\n    pass\n")
    with server.connect() as sock:
        sock.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert read_response(sock)[0] == 403
    assert "Traceback" not in server.log()


def test_the_app_s_directory_is_resolved_once(serve, tmp_path, monkeypatch):
    """Each subinterpreter imports the app at its first request, when the app has changed the directory."""
    (tmp_path / "main.py").write_text(
        "import os, sys\nos.chdir('/')\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [os.fsencode(sys.path[0]) + b' ' + os.fsencode(sys.argv[0])]\n"
    )
    monkeypatch.chdir(tmp_path)
    server = serve("--mode", "py-subinterp", "--app-dir", ".", "main:app")
    path, program = server.get("/")[2].decode().split()
    assert (path, program.endswith("tandem")) == (str(tmp_path), True)


def test_a_directory_that_is_not_utf_8(serve, tmp_path):
    directory = bytes(tmp_path) + b"/caf\xe9"
    os.mkdir(directory)
    with open(directory + b"/main.py", "w") as file:
        file.write(
            "import os\ndef app(environ, start_response):\n"
            "    start_response('200 OK', [])\n    return [os.environb[b'ODD']]\n"
        )
    odd = {"ODD": os.fsdecode(b"\xff")}
    server = serve("--mode", "py-threads", "--app-dir", os.fsdecode(directory), "main:app", env=odd)
    assert server.get("/")[2] == b"\xff"
