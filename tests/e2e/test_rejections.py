"""Everything that can go wrong, as docs/http.md lists it: the status, the fate of the connection, the counter."""

import contextlib
import json
import os
import re
import resource
import socket
import time
from pathlib import Path

import pytest

from support import MODELS, SANITIZED, Background, is_closed, read_response, read_to_end, wait_until

HEAD = b"POST /echo HTTP/1.1\r\nHost: x\r\n"


def check_json_error(body):
    assert set(json.loads(body)) == {"error"}


def check_refused_and_closed(sock, status):
    got, headers, body, rest = read_response(sock)
    assert (got, rest) == (status, b"")
    assert headers["connection"] == "close"
    check_json_error(body)
    assert is_closed(sock)


def test_header_timeout(serve):
    server = serve("--mode", "uv-loop", "--header-timeout", "300ms")
    with server.connect() as silent, server.connect() as partial:
        partial.sendall(b"GET /plaintext HTTP/1.1\r\nHo")
        check_refused_and_closed(partial, 408)
        check_refused_and_closed(silent, 408)
    assert server.rejected("header_timeout") == 2


def test_header_timeout_is_absolute(serve):
    """A client that sends a byte now and then does not prolong the time limit."""
    server = serve("--mode", "uv-loop", "--header-timeout", "400ms")
    with server.connect() as sock:
        start = time.monotonic()
        sock.settimeout(0.05)
        answer = b""
        for byte in b"GET /plaintext HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 1000:
            try:
                sock.sendall(bytes([byte]))
                answer = sock.recv(4096)
                break
            except TimeoutError:
                pass
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - start < 5
    assert server.rejected("header_timeout") == 1


@pytest.mark.parametrize("begun", [b"GET /pl", b"GET /plaintext HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n"])
@pytest.mark.parametrize("together", [True, False])
def test_header_timeout_of_a_later_request(serve, begun, together):
    """The time limit begins with the first byte of the next request. The idle time before does not count.

    The first bytes may come with the request before, or alone. They may end at the end of a line.
    """
    server = serve("--mode", "uv-loop", "--header-timeout", "300ms", "--keep-alive", "60s")
    with server.connect() as sock:
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(sock)[0] == 200
        time.sleep(0.6)
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n" + (begun if together else b""))
        status, _, _, rest = read_response(sock)
        assert (status, rest) == (200, b"")
        if not together:
            sock.sendall(begun)
        check_refused_and_closed(sock, 408)


@pytest.mark.parametrize("framing", [b"Content-Length: 5\r\n\r\nhe", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe"])
def test_body_timeout(serve, framing):
    server = serve("--mode", "uv-loop", "--request-timeout", "300ms")
    with server.connect() as sock:
        sock.sendall(HEAD + framing)
        check_refused_and_closed(sock, 408)
    assert server.rejected("body_timeout") == 1


def test_body_too_large_is_refused_before_it_is_read(serve):
    server = serve("--mode", "uv-loop", "--max-body", "1KiB")
    with server.connect() as sock:
        sock.sendall(HEAD + b"Content-Length: 1025\r\n\r\n")
        check_refused_and_closed(sock, 413)
    with server.connect() as sock:
        sock.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 99999999999999999999999\r\n\r\n")
        check_refused_and_closed(sock, 413)
    assert server.rejected("body_too_large") == 2
    assert server.request("POST", "/echo", b"x" * 1024)[0] == 200


@pytest.mark.parametrize("chunks", [b"401\r\n", b"200\r\n" + b"x" * 512 + b"\r\n201\r\n", b"fffffffffffffffff\r\n"])
def test_chunked_body_too_large(serve, chunks):
    server = serve("--mode", "uv-loop", "--max-body", "1KiB")
    with server.connect() as sock:
        sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        check_refused_and_closed(sock, 413)
    assert server.rejected("body_too_large") == 1


def test_who_sends_all_of_a_too_large_body_still_reads_the_answer(serve):
    """The connection has a lingering close. A reset would destroy the answer before the client has read it."""
    server = serve("--mode", "uv-loop")
    status, _, body = server.request("POST", "/echo", b"x" * (16 << 20))
    assert status == 413
    check_json_error(body)


def test_header_too_large(serve):
    server = serve("--mode", "uv-loop", "--max-header", "1KiB")
    start, end = b"GET /plaintext HTTP/1.1\r\nHost: x\r\nX-Fill: ", b"\r\n\r\n"
    fits = start + b"a" * (1024 - len(start) - len(end)) + end
    assert len(fits) == 1024
    with server.connect() as sock:
        sock.sendall(fits)
        assert read_response(sock)[0] == 200
        sock.sendall(fits.replace(b"X-Fill: ", b"X-Fill:  "))
        check_refused_and_closed(sock, 431)
    with server.connect() as sock:
        sock.sendall(b"GET /" + b"a" * 2000)
        check_refused_and_closed(sock, 431)
    assert server.rejected("header_too_large") == 2


def test_default_header_limit(serve):
    server = serve("--mode", "uv-loop")
    assert server.get("/plaintext", headers={"X-Fill": "a" * 16000})[0] == 200
    assert server.get("/plaintext", headers={f"X-{i}": "a" for i in range(1500)})[0] == 200
    assert server.get("/plaintext", headers={"X-Fill": "a" * 17000})[0] == 431


@pytest.mark.parametrize("model", ["uv-pool", "py-threads"])
def test_queue_full(serve, model):
    server = serve("--mode", model, "--threads", "1", "--queue-limit", "2")
    first = Background(server.get, "/sleep?ms=700")
    wait_until(lambda: server.has_begun(model))
    waiting = [Background(server.get, "/sleep?ms=1") for _ in range(2)]
    wait_until(lambda: server.model(model)["queue_length"] == 2)
    status, headers, body = server.get("/sleep?ms=1")
    assert (status, headers["Retry-After"]) == (503, "1")
    check_json_error(body)
    assert [request.result()[0] for request in (first, *waiting)] == [200] * 3
    assert server.rejected("queue_full") == 1
    assert server.get("/plaintext")[0] == 200


@pytest.mark.parametrize("model", MODELS)
def test_handler_timeout(serve, model):
    server = serve("--mode", model, "--request-timeout", "300ms", "--threads", "2")
    with server.connect() as sock:
        sock.sendall(b"GET /sleep?ms=900 HTTP/1.1\r\nHost: x\r\n\r\n")
        status, _, body, rest = read_response(sock)
        assert (status, rest) == (504, b"")
        check_json_error(body)
        # The connection can be used for another request, and the late answer never comes.
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        status, _, body, rest = read_response(sock)
        assert (status, body, rest) == (200, b"Hello, World!", b"")
    assert server.rejected("handler_timeout") == 1
    assert server.model(model)["workloads"]["sleep"]["errors_total"] == 1
    wait_until(lambda: server.model(model)["in_flight"] == 0)


@pytest.mark.parametrize("model", MODELS)
def test_handler_error(serve, tmp_path, model):
    """The file of /file is missing."""
    server = serve("--mode", model, env={"TMPDIR": str(tmp_path)})
    (directory,) = tmp_path.iterdir()
    assert server.get("/file?size=64k")[0] == 200
    (directory / "64k").unlink()
    status, _, body = server.get("/file?size=64k")
    assert status == 500
    check_json_error(body)
    assert str(directory) not in body.decode(), "the reason goes to the log, not to the client"
    server.wait_for_log(f"{directory}/64k")
    if model.startswith("py-"):
        server.wait_for_log("Traceback (most recent call last)")
        server.wait_for_log("FileNotFoundError")
    assert server.rejected("handler_error") == 1
    assert server.model(model)["errors_total"] == 1
    assert server.get("/plaintext")[0] == 200
    server.stop()
    assert os.listdir(tmp_path) == []


def test_write_timeout(serve):
    """A client that reads nothing does not keep its response for ever."""
    server = serve("--mode", "uv-loop", "--request-timeout", "300ms")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(b"GET /file?size=1m HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
        wait_until(lambda: server.rejected("write_timeout") == 1)
        wait_until(lambda: server.stats()["http"]["connections_active"] == 1)
        with contextlib.suppress(ConnectionResetError):
            assert len(read_to_end(sock)) < 8 << 20


def test_idle_connection_is_closed_silently(serve):
    server = serve("--mode", "uv-loop", "--keep-alive", "200ms")
    with server.connect() as sock:
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(sock)[0] == 200
        assert is_closed(sock)


@pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer needs all of the address space")
def test_a_body_for_which_there_is_no_memory(serve):
    """It is refused, and the server goes on."""
    server = serve("--mode", "uv-loop", "--max-body", "1024MiB")
    used_kib = int(re.search(r"^VmSize:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text(), re.M)[1])
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_AS)
    resource.prlimit(server.pid, resource.RLIMIT_AS, ((used_kib << 10) + (64 << 20), hard))
    with server.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n" + b"x" * 200_000)
        status, headers, body, _ = read_response(sock)
        assert (status, headers["connection"]) == (503, "close")
        assert json.loads(body)["error"] == "out of memory"
    assert server.get("/plaintext")[0] == 200
