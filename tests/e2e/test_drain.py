"""The drain: requests in flight are answered, idle connections are closed, and nothing keeps the process running."""

import os
import signal
import socket
import textwrap
import time

import pytest

from support import APPS, MODELS, SANITIZED, Background, is_closed, read_response, read_to_end, reset, wait_until


def finish(server, expect=0, seconds=30):
    assert server.wait(seconds) == expect, server.log()
    server.stop(expect)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loops", [1, 2, 3])
def test_in_flight_is_answered(serve, model, number, loops):
    server = serve("--mode", model, "--loops", str(loops))
    with server.connect() as idle, server.connect() as partial:
        idle.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(idle)[0] == 200
        partial.sendall(b"GET /plaintext HTTP/1.1\r\nHo")
        busy = [server.connect() for _ in range(3)]
        for sock in busy:
            sock.sendall(b"GET /sleep?ms=300 HTTP/1.1\r\nHost: x\r\n\r\n")
        # py-inline sleeps on the loop itself, so the other requests are not yet read, or not even accepted.
        if model != "py-inline":
            wait_until(lambda: server.model(model)["in_flight"] == 3)
        server.signal(number)
        for sock in busy:
            status, headers, body, _ = read_response(sock)
            assert (status, body) == (200, b'{"slept_ms":300}')
            if model != "py-inline":
                assert headers["connection"] == "close"
            assert is_closed(sock)
        assert is_closed(idle)
        assert is_closed(partial)
        finish(server)
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 5)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loops", [1, 2, 3])
def test_what_has_come_before_the_signal_is_answered(serve, model, loops):
    server = serve("--mode", model, "--loops", str(loops))
    socks = [server.connect() for _ in range(20)]
    for sock in socks:
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
    server.signal(signal.SIGTERM)
    for sock in socks:
        assert read_response(sock)[0] == 200
        assert is_closed(sock)
    finish(server)


def test_body_in_flight_is_taken(serve):
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello")
        wait_until(lambda: server.stats()["http"]["requests_in_flight"] == 2)
        server.signal(signal.SIGTERM)
        server.wait_for_log("draining")
        sock.sendall(b"again")
        status, headers, body, _ = read_response(sock)
        assert (status, headers["connection"], body) == (200, "close", b"helloagain")
    finish(server)


@pytest.mark.parametrize(
    "model, app",
    [
        ("py-inline", "wsgi_app:app"),
        ("py-threads", "wsgi_app:app"),
        ("py-subinterp", "wsgi_app:app"),
        ("py-asyncio", "asgi_app:app"),
    ],
)
def test_a_stream_that_goes_on_is_broken_off(serve, model, app):
    """The stream is broken off after a third of --drain-timeout. The app has the rest of the time for its shutdown."""
    server = serve("--mode", model, "--app-dir", APPS, "--drain-timeout", "4s", app)
    with server.connect(60) as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(15).startswith(b"HTTP/1.1 200 ")
        server.signal(signal.SIGTERM)
        said = server.process.stdout.read()
        assert model != "py-asyncio" or "the app is shut down" in said
        finish(server)
        assert not read_to_end(sock).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("loops", [1, 3])
def test_a_handler_that_does_not_return_does_not_stop_the_exit(serve, model, loops):
    if SANITIZED == "tsan" and model == "py-inline":
        pytest.skip("ThreadSanitizer holds back signals of a thread that makes no system call")
    # A drained loop has ended its thread, and this kind of exit does not join it. That is no leak that matters here.
    env = {"TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "") + ":report_thread_leaks=0"}
    server = serve("--mode", model, "--loops", str(loops), "--drain-timeout", "400ms", env=env)
    path = "/primes?n=5000000" if model.startswith("py-") else "/sleep?ms=60000"
    request = Background(server.get, path)
    if model == "py-inline":
        time.sleep(0.2)
    else:
        wait_until(lambda: server.model(model)["in_flight"] == 1)
    start = time.monotonic()
    server.signal(signal.SIGTERM)
    finish(server, expect=1)
    assert time.monotonic() - start < 10
    assert "not drained within --drain-timeout" in server.log()
    with pytest.raises(OSError):
        request.result()


@pytest.mark.parametrize("model", MODELS)
def test_a_second_signal_exits_at_once(serve, model):
    server = serve("--mode", model, "--drain-timeout", "60s")
    request = Background(server.get, "/sleep?ms=30000")
    if model == "py-inline":
        time.sleep(0.2)
    else:
        wait_until(lambda: server.model(model)["in_flight"] == 1)
    server.signal(signal.SIGTERM)
    server.wait_for_log("draining")
    server.signal(signal.SIGINT)
    finish(server, expect=1, seconds=10)
    with pytest.raises(OSError):
        request.result()


def test_a_wait_that_nobody_wants_any_more_does_not_delay_the_end(serve):
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        sock.sendall(b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.model("uv-loop")["in_flight"] == 1)
        reset(sock)
    start = time.monotonic()
    server.signal(signal.SIGTERM)
    finish(server)
    assert time.monotonic() - start < 8


def test_signals_stay_tandems_when_python_code_imports_asyncio(serve, tmp_path, installed):
    """The module of a workload imports asyncio, and runs an event loop on the thread that calls it."""
    prefix = installed(tmp_path)
    module = prefix.python_source / "tandem" / "workloads" / "json.py"
    module.write_text(
        textwrap.dedent("""
        import asyncio

        async def wait():
            await asyncio.sleep(0)

        def run():
            asyncio.run(wait())
            return "application/json", b"{}"
        """)
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        server = serve("--mode", "compare:py-threads,py-inline", binary=prefix.binary)
        for model in ("py-threads", "py-inline"):
            assert server.get(f"/{model}/json")[2] == b"{}"
        server.signal(number)
        finish(server)
        assert "Traceback" not in server.log() and "KeyboardInterrupt" not in server.log()
