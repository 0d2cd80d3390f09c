"""py-asyncio from outside, on asyncio's own loop and on uvloop.

The coroutines fail, block, are late, or outlive the drain.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support import Background, read_response, run, wait_until

VENV = str(Path(sys.prefix))  # the virtual environment of the tests, which has uvloop

LOOPS = {
    "asyncio": ["--asyncio-loop", "asyncio"],
    "uvloop": ["--venv", VENV, "--asyncio-loop", "uvloop"],
    "auto": [],
}
each_loop = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])

pytestmark = pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="the tests do not run in a virtual environment")


@pytest.fixture
def serve_implementation(serve, tmp_path, installed):
    """``serve_implementation(loop, code, *options)`` starts a py-asyncio server with this Python code as /json."""

    def start(loop, code, *options):
        prefix = installed(tmp_path)
        (prefix.python_source / "tandem" / "workloads" / "json.py").write_text(textwrap.dedent(code))
        return serve("--mode", "py-asyncio", *LOOPS[loop], *options, binary=prefix.binary)

    return start


WHICH = """
    import asyncio

    async def start():
        return "text/plain", type(asyncio.get_running_loop()).__module__.encode()
    """


@each_loop
def test_the_loop_that_was_asked_for(serve_implementation, loop):
    server = serve_implementation(loop, WHICH)
    for path in ("/plaintext", "/sleep?ms=1", "/hash?kib=1"):
        assert server.get(path)[0] == 200
    assert server.get("/json")[2].decode().split(".")[0] == loop


def test_uvloop_where_there_is_one(serve_implementation):
    assert serve_implementation("auto", WHICH, "--venv", VENV).get("/json")[2] == b"uvloop"
    assert serve_implementation("auto", WHICH, "--venv", os.path.relpath(VENV)).get("/json")[2] == b"uvloop"
    assert serve_implementation("asyncio", WHICH, "--venv", VENV).get("/json")[2].startswith(b"asyncio.")


def test_uvloop_where_there_is_none():
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    if subprocess.run([base, "-I", "-c", "import uvloop"], capture_output=True).returncode == 0:
        pytest.skip("the interpreter has uvloop")
    result = run("--port", "0", "--mode", "py-asyncio", "--asyncio-loop", "uvloop")
    assert result.returncode == 1
    assert result.stderr == (
        "tandem: --asyncio-loop uvloop: ImportError: No module named 'uvloop'; "
        "--venv DIR adds the packages of a virtual environment\n"
    )


def test_a_venv_that_is_none(tmp_path):
    result = run("--port", "0", "--mode", "py-threads", "--venv", str(tmp_path))
    assert result.returncode == 2
    assert result.stderr == f"tandem: --venv: '{tmp_path}' is no virtual environment: it has no pyvenv.cfg\n"


@each_loop
def test_a_coroutine_does_not_end_the_server(serve_implementation, loop):
    server = serve_implementation(
        loop,
        """
        import asyncio, sys

        calls = 0

        async def start():
            global calls
            calls += 1
            if calls % 2 == 0:
                await asyncio.sleep(0)
            if calls <= 2:
                sys.exit(3)
            if calls <= 4:
                raise KeyboardInterrupt
            if calls <= 6:
                asyncio.get_running_loop().stop()
                await asyncio.sleep(0)
            return "text/plain", b"%d" % calls
        """,
    )
    slow = Background(server.get, "/sleep?ms=300")
    wait_until(lambda: server.model("py-asyncio")["in_flight"] == 1)
    assert [server.get("/json")[0] for _ in range(7)] == [500] * 4 + [200] * 3
    assert slow.result()[0] == 200
    log = server.log()
    assert log.count("SystemExit: 3\n") >= 2 and log.count("KeyboardInterrupt\n") >= 2


@each_loop
def test_a_task_that_is_late_is_cancelled(serve, loop):
    server = serve("--mode", "py-asyncio", "--request-timeout", "200ms", *LOOPS[loop])
    assert server.get("/sleep?ms=60000")[0] == 504
    wait_until(lambda: server.model("py-asyncio")["in_flight"] == 0)
    assert server.get("/plaintext")[0] == 200


@each_loop
def test_a_coroutine_that_blocks_leads_to_504s_while_the_io_thread_goes_on(serve_implementation, tmp_path, loop):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    server = serve_implementation(
        loop,
        f"""
        async def start():
            with open({str(gate)!r}) as gate:
                return "text/plain", gate.read().encode()
        """,
        "--request-timeout",
        "300ms",
    )
    with server.connect() as blocking, server.connect() as queued:
        blocking.sendall(b"GET /json HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.model("py-asyncio")["in_flight"] == 1)
        queued.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        for sock in (blocking, queued):
            assert read_response(sock)[0] == 504
        assert server.rejected("handler_timeout") == 2
        gate.write_text("goes on")
        wait_until(lambda: server.model("py-asyncio")["in_flight"] == 0)
        for sock in (blocking, queued):
            sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_response(sock)[:1] + read_response_rest(sock) == (200, b"")


def read_response_rest(sock):
    """Returns the bytes after the response that was read: nothing, or a late answer."""
    sock.setblocking(False)
    try:
        return (sock.recv(100),)
    except BlockingIOError:
        return (b"",)


STUBBORN = {
    "a coroutine": """
        async def start():
            await ignore()
        """,
    "a task in the background": """
        async def start():
            start.task = asyncio.create_task(ignore())
            await asyncio.sleep(0)
            return "text/plain", b""
        """,
    "a thread": """
        async def start():
            asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
            return "text/plain", b""
        """,
}


@each_loop
@pytest.mark.parametrize("case", STUBBORN)
def test_who_ignores_being_cancelled_does_not_keep_the_server(serve_implementation, loop, case):
    code = """
        import asyncio, time

        async def ignore():
            while True:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    pass
        """
    server = serve_implementation(loop, code + STUBBORN[case], "--drain-timeout", "400ms")
    with server.connect() as sock:
        sock.sendall(b"GET /json HTTP/1.1\r\nHost: x\r\n\r\n")
        if case == "a coroutine":
            wait_until(lambda: server.model("py-asyncio")["in_flight"] == 1)
        else:
            assert read_response(sock)[0] == 200
    server.stop(expect=1)
    assert re.search("not (drained|ended) within --drain-timeout", server.log())


@each_loop
def test_what_asyncio_has_to_say_goes_to_the_log(serve_implementation, loop):
    server = serve_implementation(
        loop,
        """
        import asyncio

        async def fail():
            raise ValueError("nobody looks")

        async def start():
            asyncio.create_task(fail())
            await asyncio.sleep(0.01)
            return "text/plain", b""
        """,
        "--log-format",
        "json",
    )
    assert server.get("/json")[0] == 200
    server.stop()
    lines = [json.loads(line) for line in server.log().splitlines()]
    (message,) = [line["message"] for line in lines if line["level"] == "error"]
    assert message.startswith("py-asyncio: Task exception was never retrieved\n")
    assert message.endswith("ValueError: nobody looks")


@each_loop
def test_a_slow_callback_is_named_in_debug_mode(serve, tmp_path, loop):
    """tandem starts Tasks itself, as if they were its own callback; in debug mode it leaves that to the loop."""
    (tmp_path / "main.py").write_text(
        "import asyncio, time\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        asyncio.get_running_loop().set_debug(True)\n"
        "        asyncio.get_running_loop().slow_callback_duration = 0.01\n"
        "        return\n"
        "    time.sleep(0.02)\n"
        "    await send({'type': 'http.response.start', 'status': 204})\n"
    )
    options = ("--asyncio-loop", loop, "--venv", VENV, "--app-dir", str(tmp_path))
    server = serve("--mode", "py-asyncio", *options, "main:app")
    assert server.get("/")[0] == 204
    server.wait_for_log("main.py:2")
    (line,) = [line for line in server.log().splitlines() if "Executing" in line and "main.py:2" in line]
    assert "coro=<app() done" in line and "seconds" in line
