"""--reload in difficult cases: a broken source, signals, handlers and streams that do not end."""

import shutil
import signal
import socket
import time

import pytest

from project import APP_SOURCES, ASGI, Starting, expect_answer, expect_ready
from raw_websocket import RawWebSocket, close_frame
from support import NATIVE_HANDLER, SANITIZED, Background, read_to_end, run, wait_until


@pytest.mark.parametrize("model", APP_SOURCES)
def test_a_broken_source_waits_to_be_mended(project, model):
    project.write_app("one", APP_SOURCES[model])
    server = project.serve("--admin", "0", mode=model)
    project.write("main.py", "def app(:\n")
    server.wait_for_log("reload: waiting for a change")
    assert "SyntaxError: invalid syntax" in server.log()
    assert "APP: main:app cannot be loaded: SyntaxError" in server.log()
    asked = Background(server.get, "/")
    project.write("main.py", "import nothing_of_that_name\n")
    server.wait_for_log("No module named 'nothing_of_that_name'")
    project.write_app("two", APP_SOURCES[model])
    expect_ready(server)
    assert asked.result()[2] == b"two"


@pytest.mark.skipif(bool(SANITIZED), reason="the sanitizers take the signals of crashes")
@pytest.mark.parametrize(
    ("ends", "how"),
    [
        ("os._exit(3)", "exit status 3"),
        ("ctypes.CDLL(None).exit(4)", "exit status 4"),
        ("ctypes.CDLL(None).abort()", "SIGABRT"),
        ("ctypes.string_at(0)", "SIGSEGV"),
    ],
)
@pytest.mark.parametrize("model", ["py-inline", "py-threads"])
def test_an_app_that_ends_the_process_is_started_again_once_it_is_mended(project, model, ends, how):
    project.write(
        "main.py",
        f"""
        import ctypes, os

        def app(environ, start_response):
            {ends}
        """,
    )
    server = project.serve("--admin", "0", mode=model)
    with pytest.raises(OSError):  # the client that has asked is the one that is not served
        server.get("/")
    server.wait_for_log(f"the app has ended the process: {how}")
    server.wait_for_log("reload: waiting for a change")
    asked = Background(server.get, "/")
    project.write_app("mended")
    expect_ready(server)
    assert asked.result()[2] == b"mended"
    project.write_app("again")
    expect_ready(server)
    expect_answer(server, "again")


def test_a_child_of_an_app_may_end(project):
    project.write(
        "main.py",
        """
        import ctypes, os

        def app(environ, start_response):
            statuses = []
            for end in (lambda: os._exit(3), lambda: ctypes.CDLL(None).exit(4), lambda: ctypes.string_at(0)):
                child = os.fork()
                if child == 0:
                    end()
                statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            start_response("200 OK", [])
            return [repr(statuses).encode()]
        """,
    )
    server = project.serve()
    expect_answer(server, "[3, 4, -11]")
    assert "has ended the process" not in server.log()


def test_an_app_that_no_model_runs_waits_to_be_mended(project):
    project.write_app("one")
    server = project.serve()
    project.write_app("two", ASGI)
    server.wait_for_log("APP: main:app is an ASGI app, which --mode py-threads does not run")
    server.wait_for_log("reload: waiting for a change")
    project.write_app("three")
    expect_ready(server)
    expect_answer(server, "three")


@pytest.mark.parametrize("model", ["uv-loop", "uv-pool"])
def test_a_native_handler_waits_to_be_mended(project, serve, model):
    """The handler is watched by its name, since a build may put another file under that name."""
    handler = project.directory / "handler.so"
    shutil.copy(NATIVE_HANDLER, handler)
    server = serve("--mode", model, "--native", str(handler), "--reload")
    project.write("handler.so", "no library")
    server.wait_for_log("reload: waiting for a change")
    assert f"reload: {handler} changed" in server.log()
    asked = Background(server.get, "/")
    shutil.copy(NATIVE_HANDLER, handler.with_suffix(".new"))
    handler.with_suffix(".new").replace(handler)
    expect_ready(server)
    assert asked.result()[2] == b"native"


def test_a_startup_that_fails_waits_to_be_mended(project):
    project.write(
        "main.py",
        """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})
        """,
    )
    with Starting(project, "--mode", "py-asyncio") as starting:
        starting.wait_for_log("APP: main:app cannot start: the app's startup failed: no database")
        starting.wait_for_log("reload: waiting for a change")
        project.write_app("mended", ASGI)
        assert any(line.startswith("tandem ready ") for line in iter(starting.process.stdout.readline, ""))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait(project, number):
    project.write("main.py", "1 / 0\n")
    with Starting(project, "--mode", "compare") as starting:
        starting.wait_for_log("ZeroDivisionError: division by zero")
        starting.wait_for_log("reload: waiting for a change")
        starting.process.send_signal(number)
        assert starting.process.wait(30) == 0
        assert starting.process.stdout.read() == ""


def test_without_reload_a_broken_source_ends_it(project):
    project.write("main.py", "1 / 0\n")
    result = run("--port", "0", "--app-dir", str(project.directory), "main:app")
    assert result.returncode == 3


def test_a_signal_in_the_drain_ends_it_for_good(project):
    project.write_app("old")
    server = project.serve()
    in_flight = Background(server.get, "/slow")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    project.write_app("new")
    server.wait_for_log("reload: main.py changed")
    server.signal(signal.SIGTERM)
    server.wait_for_log("SIGTERM: draining")
    project.go.touch()
    assert in_flight.result()[2] == b"old"
    assert server.wait() == 0
    assert server.process.stdout.read() == ""
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 5)


@pytest.mark.parametrize("milliseconds", range(0, 80, 8))
def test_a_signal_on_the_way_to_the_new_process_is_not_lost(project, milliseconds):
    """The signal comes while the old program ends, during exec, or while the new program starts."""
    project.write_app("one")
    server = project.serve()
    project.write_app("two")
    server.wait_for_log("reload: main.py changed")
    time.sleep(milliseconds / 1000)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0, server.log()


def test_a_handler_that_does_not_return_does_not_stop_the_reload(project):
    project.write_app("old")
    server = project.serve("--drain-timeout", "300ms")
    in_flight = Background(server.get, "/slow")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    project.write_app("new")
    expect_ready(server)
    assert "reload: not drained within --drain-timeout (300 ms); what is still in flight is broken off" in server.log()
    with pytest.raises(OSError):
        in_flight.result()
    expect_answer(server, "new")


WSGI_STREAM = """
    import time

    def app(environ, start_response):
        def pieces():
            try:
                while True:
                    yield b"data: {answer}\\n\\n"
                    time.sleep(0.01)
            finally:
                with open({notes!r}, "a") as file:
                    file.write("closed\\n")
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return pieces()
"""

ASGI_STREAM = """
    import asyncio

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await receive()
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"data: {answer}\\n\\n", "more_body": True}})
        event = await receive()
        with open({notes!r}, "a") as file:
            file.write("closed\\n")
"""


WEBSOCKET = """
    async def app(scope, receive, send):
        assert scope["type"] == "websocket"
        await receive()
        await send({{"type": "websocket.accept"}})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    answer = {answer!r}
"""


def test_a_websocket_is_closed(project):
    """The close code tells the client that the service restarts."""
    project.write_app("one", WEBSOCKET)
    server = project.serve("--drain-timeout", "1440m", mode="py-asyncio")
    with RawWebSocket(server, "/") as websocket:
        project.write_app("two", WEBSOCKET)
        assert websocket.closed() == (1012, "")
        websocket.send(close_frame(1012))
    expect_ready(server)


@pytest.mark.parametrize("model", APP_SOURCES)
def test_streams_without_end_are_broken_off(project, model):
    """Streams have one second to end with --reload, although the drain's time limit is a day here."""
    source = ASGI_STREAM if model == "py-asyncio" else WSGI_STREAM
    project.write_app("one", source)
    server = project.serve("--drain-timeout", "1440m", mode=model)
    with server.connect(60) as own, server.connect(60) as stats:
        stats.sendall(f"GET {server.pages}/stats/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert stats.recv(100).startswith(b"HTTP/1.1 200 ")
        own.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert own.recv(15).startswith(b"HTTP/1.1 200 ")
        project.write_app("two", source)
        assert read_to_end(stats).endswith(b"0\r\n\r\n")
        assert not read_to_end(own).endswith(b"0\r\n\r\n")
    expect_ready(server)
    assert project.notes.read_text() == "closed\n"


def answers(text):
    return (
        f'static void run(struct tandem_request *r) {{ tandem_set_status(r, 200); tandem_set_body(r, "{text}", 3); }}\n'
        "TANDEM_HANDLER(.run = run);\n"
    )


def test_a_handler_in_c_that_is_built_again(serve, compiled):
    mine = compiled(answers("one"))
    server = serve("--mode", "uv-pool", "--reload", "--native", mine)
    expect_answer(server, "one")
    compiled(answers("two"))
    expect_ready(server)
    expect_answer(server, "two")
    compiled("int nothing;\n")
    server.wait_for_log("exports no tandem_handler")
    compiled(answers("six"))
    expect_ready(server)
    expect_answer(server, "six")
