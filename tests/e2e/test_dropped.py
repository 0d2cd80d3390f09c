"""Requests in a model's queue whose clients have reset the connection: their handlers are not called."""

import os

import pytest

from support import reset, wait_until

SOURCE = """
import os

calls = []

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/block":
        with open("{pipe}") as pipe:  # until the test writes
            pipe.read()
    elif path == "/count":
        calls.append(1)
    start_response("200 OK", [])
    return [str(len(calls)).encode()]
"""


@pytest.mark.parametrize("model", ["py-threads", "py-subinterp"])
def test_they_are_dropped(serve, tmp_path, model):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "main.py").write_text(SOURCE.format(pipe=pipe))
    server = serve("--mode", model, "--threads", "1", "--app-dir", str(tmp_path), "main:app")
    assert server.get("/")[2] == b"0"
    with server.connect() as first:
        first.sendall(b"GET /block HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.has_begun(model))
        queued = [server.connect() for _ in range(8)]
        for sock in queued:
            sock.sendall(b"GET /count HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.model(model)["queue_length"] == 8)
        for sock in queued[1:]:
            reset(sock)
        wait_until(lambda: server.stats()["http"]["connections_active"] <= 3)
        with open(pipe, "w"):
            pass
        assert first.recv(12) == b"HTTP/1.1 200"
    with queued[0] as sock:
        assert sock.recv(12) == b"HTTP/1.1 200"
    assert server.get("/")[2] == b"1"
