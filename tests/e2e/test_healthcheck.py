"""tandem --healthcheck, as a container runs it: its exit status, its one line, and its time limit."""

import re
import signal
import socket
import subprocess
import time

import pytest

from support import BINARY, Background, wait_until

TIMEOUT_SECONDS = 1  # for the test that waits for the time limit; the default is 5


def check(*options, env=None):
    result = subprocess.run(
        [BINARY, "--healthcheck", *options], capture_output=True, text=True, timeout=60, env=env or {}
    )
    assert result.stdout == ""
    assert result.stderr.count("\n") == (result.returncode != 0)
    return result.returncode, result.stderr


@pytest.fixture
def listening():
    """A listening socket. The kernel completes the handshake of its connections, but nothing answers."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock


def test_a_server_that_is_ready(serve):
    server = serve("--mode", "uv-loop")
    before = server.stats()
    assert check("--port", str(server.port)) == (0, "")
    http = server.stats()["http"]
    assert http["requests_total"] == before["http"]["requests_total"] + 2
    assert http["rejected"] == before["http"]["rejected"]


def test_what_the_server_reads_it_reads(serve):
    server = serve("--mode", "uv-loop")
    variables = {"TANDEM_HOST": "0.0.0.0", "TANDEM_PORT": str(server.port)}
    assert check(env=variables) == (0, "")
    assert check(env={"TANDEM_HEALTHCHECK": "1", **variables}) == (0, "")
    status, line = check("--port", "1", env=variables)
    assert (status, line) == (1, "tandem: not ready: http://127.0.0.1:1/readyz: Connection refused\n")


def test_the_admin_port_is_asked_and_the_other_one_is_not(serve, listening):
    server = serve("--mode", "uv-loop", "--admin", "0")
    admin, silent = str(server.admin().port), str(listening.getsockname()[1])
    assert check("--port", silent, "--admin", admin) == (0, "")
    assert check(env={"TANDEM_PORT": silent, "TANDEM_ADMIN": admin}) == (0, "")
    assert server.stats()["http"]["requests_total"] == 2  # that of admin(), and this one


def test_while_it_drains(serve):
    server = serve("--mode", "uv-loop", "--admin", "0")
    admin = server.admin()
    request = Background(server.get, "/sleep?ms=1500")
    wait_until(lambda: admin.stats()["models"]["uv-loop"]["in_flight"] == 1)
    server.signal(signal.SIGTERM)
    wait_until(lambda: admin.get("/readyz")[0] == 503)
    status, line = check("--admin", str(admin.port))
    assert (status, line) == (1, f"tandem: not ready: http://127.0.0.1:{admin.port}/readyz answers 503\n")
    wait_until(lambda: check("--port", str(server.port))[0] == 1)
    assert request.result()[0] == 200
    assert server.wait() == 0
    server.stop()


def test_nobody_listens():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        status, line = check("--port", str(port))
    assert (status, line) == (1, f"tandem: not ready: http://127.0.0.1:{port}/readyz: Connection refused\n")


def test_nobody_answers(listening):
    port = listening.getsockname()[1]
    begin = time.monotonic()
    status, line = check("--port", str(port), "--healthcheck-timeout", f"{TIMEOUT_SECONDS}s")
    assert TIMEOUT_SECONDS - 0.1 < time.monotonic() - begin < TIMEOUT_SECONDS + 20  # the machine may be busy
    assert (status, line) == (
        1,
        f"tandem: not ready: no answer from http://127.0.0.1:{port}/readyz within {TIMEOUT_SECONDS} s\n",
    )


def test_what_answers_is_not_http(listening):
    port = listening.getsockname()[1]

    def answer():
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /readyz HTTP/1.1\r\n")
            connection.sendall(b"220 mail.example ESMTP\r\n")

    peer = Background(answer)
    status, line = check("--port", str(port))
    peer.result()
    assert (status, line) == (1, f"tandem: not ready: what answers at http://127.0.0.1:{port}/readyz is not HTTP\n")


@pytest.mark.parametrize("options", [("--port", "0"), ("--admin", "0"), ("--port", "0", "--admin", "0")])
def test_port_0_is_wrong_usage(options):
    status, line = check(*options)
    assert status == 2
    assert re.fullmatch(
        "tandem: --healthcheck: needs the port of the server that it asks, and --(port|admin) 0 is any free one\n", line
    )


def test_wrong_usage():
    assert check("--port", "65536")[0] == 2
    assert check(env={"TANDEM_ADMIN": "http"})[0] == 2


def test_it_starts_no_python(serve, tmp_path):
    server = serve("--mode", "uv-loop")
    without = ("--port", str(server.port), "--mode", "py-threads", "--venv", str(tmp_path / "none"))
    assert check(*without) == (0, "")
    assert subprocess.run([BINARY, *without], capture_output=True, timeout=60).returncode != 0
