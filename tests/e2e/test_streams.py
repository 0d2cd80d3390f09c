"""The standard streams: what the app prints, and descriptors that are closed."""

import contextlib
import os
import signal
import subprocess

import pytest

from bench.servers.listening import free_port

from support import BINARY, SANITIZED, Background, Client, environment, wait_until

APP = """
import os, sys

print("at import")

def app(environ, start_response):
    print("at a request", environ["PATH_INFO"])
    start_response("200 OK", [])
    return [b" ".join(os.readlink(f"/proc/self/fd/{fd}").encode() for fd in range(3))]
"""


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "main.py").write_text(APP)
    return str(tmp_path)


def test_an_app_that_ends_the_process_is_named(serve, tmp_path):
    (tmp_path / "main.py").write_text("import os\ndef app(environ, start_response):\n    os._exit(5)\n")
    server = serve("--mode", "py-threads", "--app-dir", str(tmp_path), "main:app")
    with pytest.raises(OSError):
        server.get("/")
    server.stop(5)
    assert "WARN  the app ends the process by os._exit(5)" in server.log()


def next_line(server):
    return Background(server.process.stdout.readline).result()


@pytest.mark.parametrize("model", ["py-inline", "py-threads", "py-subinterp"])
def test_what_the_app_prints_appears_at_once(serve, directory, model):
    server = serve("--mode", model, "--threads", "1", "--app-dir", directory, "main:app")
    assert server.printed == ["at import\n"]
    server.get("/one")
    if model == "py-subinterp":  # each interpreter imports the app at its first request
        assert next_line(server) == "at import\n"
    assert next_line(server) == "at a request /one\n"


@pytest.mark.parametrize("second", [False, True])
def test_an_unfinished_line_is_not_lost_at_a_late_stop(serve, tmp_path, second):
    (tmp_path / "main.py").write_text(
        "import time\ndef app(environ, start_response):\n    print('no end', end='')\n    time.sleep(600)\n"
    )
    if SANITIZED:
        pytest.skip("a thread must have the GIL within a tenth of a second")
    options = ("--drain-timeout", "60s" if second else "300ms", "--app-dir", str(tmp_path))
    server = serve("--mode", "py-threads", *options, "main:app")
    request = Background(server.get, "/")
    wait_until(lambda: server.has_begun("py-threads"))
    server.signal(signal.SIGTERM)
    if second:
        server.wait_for_log("draining")
        server.signal(signal.SIGTERM)
    assert server.wait() == 1
    assert server.process.stdout.read() == "no end"
    server.stop(1)
    with pytest.raises(OSError):
        request.result()


def test_what_a_handler_in_c_prints_appears_at_once(serve, compiled):
    mine = compiled(
        "#include <stdio.h>\n"
        'static void run(struct tandem_request *request) { puts("in C"); tandem_set_status(request, 204); }\n'
        "TANDEM_HANDLER(.run = run);\n"
    )
    server = serve("--mode", "uv-pool", "--native", mine)
    assert server.get("/")[0] == 204
    assert next_line(server) == "in C\n"


def test_a_reader_that_has_gone_does_not_stop_the_server(serve, directory):
    server = serve("--mode", "py-threads", "--app-dir", directory, "main:app")
    server.process.stdout.close()
    assert server.get("/")[0] == 500  # print() raises
    server.wait_for_log("BrokenPipeError")
    assert server.get("/py-threads/json")[0] == 200


def test_a_full_disk_does_not_stop_the_server(serve):
    """Everything that goes to the log fails."""
    server = serve("--mode", "py-threads", "--access-log", stderr="/dev/full")
    assert [server.get("/json")[0] for _ in range(3)] == [200] * 3


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_standard_descriptor_that_is_closed_becomes_dev_null(directory, closed):
    client = Client()
    client.port = free_port()
    command = [BINARY, "--mode", "py-inline", "--port", str(client.port), "--app-dir", directory, "main:app"]

    def close():
        for fd in closed:
            os.close(fd)

    answer = []

    def answers():
        with contextlib.suppress(ConnectionRefusedError):
            answer[:] = client.get("/")[2].split()
        return answer

    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), preexec_fn=close
    ) as process:
        try:
            wait_until(answers, 30)
        finally:
            process.terminate()
    assert [answer[fd] for fd in closed] == [b"/dev/null"] * len(closed)
    assert process.returncode == 0
