"""Signals: those that end the server are the server's, whatever the app does; the others are the app's."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from support import SANITIZED, Background, wait_until

OF_THE_SERVER = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]
WSGI = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x"]
"""
ASGI = """
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"x"})
"""
PYTHON_MODELS = ["py-inline", "py-threads", "py-subinterp", "py-asyncio"]


@pytest.fixture
def serve_app(serve, tmp_path):
    """``serve_app(model, source)`` serves main:app with the source; ``app`` is there already if the source has none."""

    def start(model, source, *options, **more):
        own = "" if "def app" in source else ASGI if model == "py-asyncio" else WSGI
        (tmp_path / "main.py").write_text(textwrap.dedent(source) + own)
        return serve("--mode", model, "--app-dir", str(tmp_path), *options, "main:app", **more)

    return start


def drains(server, number):
    server.signal(number)
    assert server.wait() == 0, server.log()
    assert f"{signal.Signals(number).name}: draining" in server.log()
    server.stop()


@pytest.mark.parametrize("number", OF_THE_SERVER)
@pytest.mark.parametrize("model", PYTHON_MODELS)
@pytest.mark.parametrize("handler", ["print", "signal.SIG_IGN"])
def test_an_app_cannot_take_a_signal_of_the_server_s(serve_app, tmp_path, model, number, handler):
    name = signal.Signals(number).name
    server = serve_app(
        model, f"import signal\nold = signal.signal(signal.{name}, {handler})\nassert old is not print\n"
    )
    assert server.get("/")[0] == 200
    about = f"{tmp_path}/main.py:2: signal({name}) does nothing: {name} stops the server"
    drains(server, number)
    assert about in server.log()
    if model != "py-subinterp":  # whose interpreters each import the app
        assert server.log().count(about) == 1


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_nor_by_its_event_loop(serve_app, tmp_path, loop):
    source = """
    import asyncio, signal

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print)
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, print)
            signal.signal(signal.SIGTERM, print)
        while scope["type"] == "lifespan":
            await send({"type": (await receive())["type"] + ".complete"})
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x"})
    """
    server = serve_app("py-asyncio", source, "--asyncio-loop", loop, "--venv", sys.prefix)
    assert server.get("/")[0] == 200
    for line, function, name in (
        (6, "add_signal_handler", "SIGTERM"),
        (7, "add_signal_handler", "SIGINT"),
        (8, "signal", "SIGTERM"),
    ):
        assert f"{tmp_path}/main.py:{line}: {function}({name}) does nothing" in server.log()
    drains(server, signal.SIGTERM)


def test_a_library_that_takes_a_signal_in_c_loses_it_again(serve_app):
    server = serve_app("py-inline", "import ctypes\nctypes.CDLL(None).signal(15, 1)\n")
    server.wait_for_log("code of the user's took SIGTERM, which ends the server; tandem has taken it back")
    drains(server, signal.SIGTERM)


def test_one_that_takes_it_at_a_request_loses_it_within_a_second(serve_app):
    source = """
    import ctypes

    def app(environ, start_response):
        ctypes.CDLL(None).signal(15, 1)
        start_response("200 OK", [])
        return [b"x"]
    """
    server = serve_app("py-threads", source)
    assert server.get("/")[0] == 200
    server.wait_for_log("took SIGTERM")
    drains(server, signal.SIGTERM)


@pytest.mark.parametrize("model", ["uv-loop", "py-threads", "py-asyncio"])
def test_sigusr1_and_sigusr2_do_nothing(serve, model):
    server = serve("--mode", model)
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        server.process.send_signal(number)
    assert server.get("/plaintext")[0] == 200
    assert server.process.poll() is None


def test_an_app_may_take_sigusr1(serve_app):
    """Python runs the handler on its main thread, which is the first loop's."""
    source = """
    import signal

    signal.signal(signal.SIGUSR1, lambda *_: print("taken"))
    """
    server = serve_app("py-inline", source)
    server.process.send_signal(signal.SIGUSR1)
    printed = Background(server.process.stdout.readline)
    wait_until(lambda: server.get("/")[0] == 200 and not printed.is_alive())
    assert printed.result() == "taken\n"


def test_a_program_that_the_app_starts_has_the_default_actions(serve_app):
    source = """
    import subprocess

    def app(environ, start_response):
        done = subprocess.run(["sh", "-c", "kill -USR1 $$; echo survived"], capture_output=True)
        start_response("200 OK", [])
        return [str(done.returncode).encode()]
    """
    assert serve_app("py-threads", source).get("/")[2] == b"-10"


def test_nohup_is_heeded(serve):
    server = serve("--mode", "uv-loop", ignored=signal.SIGHUP)
    server.process.send_signal(signal.SIGHUP)
    assert server.get("/plaintext")[0] == 200
    assert "draining" not in server.log()


def ends_late(server, said, second):
    """Stops the server, whose end hangs, by --drain-timeout or by a second signal."""
    server.signal(signal.SIGTERM)
    if second:
        server.wait_for_log("draining")
        wait_until(lambda: "about to hang" in server.log())
        wait_until(lambda: refuses(server))  # it has drained
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() in (0, 1)
    else:
        assert server.wait() == 1
        assert said in server.log()
    server.stopped = True
    server.process.stdout.close()


def refuses(server):
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


HANGS = "print('about to hang', file=sys.stderr, flush=True)\n    time.sleep(600)\n"


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    ("hangs", "said"),
    [
        (
            "threading.Thread(target=hang, name='of the app').start()\n",
            "the app's non-daemon thread 'of the app' has not ended; exiting",
        ),
        ("atexit.register(hang)\n", "an exit handler of the app or of a library (atexit) has not returned; exiting"),
    ],
)
def test_python_code_that_holds_the_end_up(serve_app, hangs, said, second):
    timeout = "60s" if second else "500ms"
    source = f"import atexit, sys, threading, time\n\ndef hang():\n    {HANGS}\n{hangs}\n"
    server = serve_app("py-threads", source, "--drain-timeout", timeout)
    ends_late(server, f"not ended within --drain-timeout (500 ms): {said}", second)


@pytest.mark.parametrize("second", [False, True])
def test_an_exit_handler_in_c_that_holds_the_end_up(serve, compiled, second):
    if SANITIZED:
        pytest.skip("the sanitizers have exit handlers of their own, which come before")
    mine = compiled(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
        'static void hang(void) { fputs("about to hang\\n", stderr); for (;;) sleep(600); }\n'
        "static void run(struct tandem_request *request) { tandem_set_status(request, 204); }\n"
        "__attribute__((constructor)) static void load(void) { on_exit((void (*)(int, void *))hang, 0); }\n"
        "TANDEM_HANDLER(.run = run);\n"
    )
    server = serve("--mode", "uv-pool", "--native", mine, "--drain-timeout", "60s" if second else "500ms")
    ends_late(server, "tandem: not ended within --drain-timeout: an exit handler of a library", second)


# Makes a command the first process of a PID namespace.
AS_FIRST = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.mark.skipif(
    subprocess.run([*AS_FIRST, "true"], capture_output=True).returncode != 0,
    reason="a PID namespace cannot be made here",
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_process_reaps_orphans_and_passes_signals_on(serve, tmp_path, number):
    (tmp_path / "main.py").write_text(
        textwrap.dedent(
            """
            import os, subprocess

            def states():
                for name in os.listdir("/proc"):
                    if name.isdigit():
                        try:
                            with open(f"/proc/{name}/stat") as file:
                                yield file.read().rpartition(")")[2].split()[0]
                        except FileNotFoundError:
                            pass

            def app(environ, start_response):
                if environ["PATH_INFO"] == "/orphan":  # the shell ends first, and its child is the first process's
                    subprocess.run(["sh", "-c", "sleep 0.05 &"], check=True)
                start_response("200 OK", [])
                return [f"{os.getpid()} {' '.join(states())}".encode()]
            """
        )
    )
    server = serve("--mode", "py-threads", "--app-dir", str(tmp_path), "main:app", wrapper=AS_FIRST)
    pid, *_ = server.get("/orphan")[2].split()
    assert int(pid) == int(server.ready_line.split("pid=")[1].split()[0]) == 2
    wait_until(lambda: len(server.get("/")[2].split()) == 3)  # the two processes of tandem, and no zombie
    children = f"/proc/{server.pid}/task/{server.pid}/children"
    with open(children) as file:
        first = int(file.read())
    os.kill(first, number)
    assert server.wait() == 0
    assert f"{signal.Signals(number).name}: draining" in server.log()
    server.stopped = True
    server.process.stdout.close()
