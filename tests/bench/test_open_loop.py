"""The open loop against real servers: the requests that it sends, and the times and errors that it counts."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from bench.load import open_loop
from bench.servers.tandem import Tandem

from support import BINARY, SANITIZED, Background

OPEN_LOOP = Path(os.environ["TANDEM_BUILD"]) / "bench" / "open_loop"

pytestmark = pytest.mark.skipif(SANITIZED == "tsan", reason="it has one thread")


def drive(server, path, **more):
    run = open_loop.drive(server, path, binary=OPEN_LOOP, **more)
    broken = run.errors["read"] + run.errors["write"]
    assert run.intended == run.requests + broken + run.unanswered
    assert [percent for percent, _ in run.percentiles] == sorted(percent for percent, _ in run.percentiles)
    assert run.percentiles[-1][1] == run.latency_us["max"]
    return run


@pytest.fixture
def uv_loop():
    with Tandem("uv-loop", binary=BINARY) as server:
        yield server


@pytest.mark.alone
def test_every_request_of_the_schedule_is_answered(uv_loop):
    run = drive(uv_loop, "/plaintext", rate=2000, arrivals="constant", connections=16)
    assert run.intended == run.sent == run.requests == 2000
    assert run.unanswered == run.failed() == run.reopened == 0
    assert (run.rate, run.arrivals) == (2000, "constant")
    assert 1 <= run.seconds < 2.1
    assert run.latency_us["p50"] >= run.latency_from_send_us["p50"] > 0
    assert run.wrk_latency_us is run.raw_latency_us is None


def test_the_same_seed_gives_the_same_arrivals(uv_loop):
    counts = [drive(uv_loop, "/plaintext", rate=1000, seconds=0.2, seed=seed).intended for seed in (7, 7, 8)]
    assert counts[0] == counts[1]
    assert counts[0] != 200 or counts[2] != 200


def test_answers_that_take_their_time(uv_loop):
    run = drive(uv_loop, "/sleep?ms=10", rate=2000, arrivals="constant", connections=128)
    assert run.requests == run.intended and run.failed() == 0
    assert run.percentiles[0][1] >= 9_000  # libuv's timers count whole milliseconds; the first has begun


def test_with_too_few_connections_requests_wait_and_that_counts(uv_loop):
    """One connection carries about 100 requests of 10 ms a second. In 1.2 s less than a third of 400 are answered."""
    run = drive(uv_loop, "/sleep?ms=10", rate=400, arrivals="constant", connections=1, grace=0.2)
    assert run.requests <= 134
    assert run.unanswered >= 266
    assert run.errors["timeout"] <= 1
    assert run.failed() == run.unanswered
    assert run.waited >= 390  # counts requests that were sent late, or not at all
    assert run.latency_from_send_us["p50"] < run.latency_us["p50"]
    assert run.latency_us["max"] >= 800_000  # the first request that was never sent was due after about 300 ms


def test_a_stall_counts_for_all_that_were_due_in_it():
    with Tandem("py-inline", binary=BINARY) as server:
        stall = Background(lambda: threading.Event().wait(0.3) or server.get("/primes?n=200000"))
        run = drive(server, "/plaintext", rate=1000, connections=4, grace=10)
        assert stall.result()[0] == 200
    assert run.unanswered == 0
    assert run.waited > 4
    assert run.latency_us["mean"] > run.latency_from_send_us["mean"]
    assert run.latency_us["p90"] > run.latency_from_send_us["p90"]


@pytest.mark.parametrize("size", [0, 1024, 500_000])
def test_post(uv_loop, size):
    run = drive(uv_loop, "/echo", rate=100, seconds=0.3, method="POST", body=b"x" * size)
    assert run.requests == run.intended > 0 and run.failed() == 0


def test_a_wrong_status_is_answered_and_an_error(uv_loop):
    run = drive(uv_loop, "/nowhere", rate=100, seconds=0.2)
    assert run.errors["status"] == run.requests == run.intended == run.failed()


class OneAnswer:
    """A server that gives each connection one answer, then closes the connection."""

    name = "one answer"

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_one, args=(sock,), daemon=True).start()

    def serve_one(self, sock):
        with sock:
            if sock.recv(65536):
                sock.sendall(self.answer)

    def cpu_seconds(self):
        return 0.0

    def resident_bytes(self):
        return 0


@pytest.fixture
def one_answer():
    servers = []

    def start(answer):
        servers.append(OneAnswer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.listener.close()


def test_a_connection_that_is_closed_is_opened_again(one_answer):
    server = one_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    run = drive(server, "/", rate=200, seconds=0.5, connections=4, grace=5)
    assert run.requests == run.intended == run.reopened and run.failed() == 0


def test_an_answer_that_breaks_off_is_an_error(one_answer):
    run = drive(one_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"), "/", rate=200, seconds=0.3, grace=5)
    assert run.errors["read"] == run.intended and run.requests == 0


def test_an_answer_that_is_not_understood_is_an_error(one_answer):
    run = drive(one_answer(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), "/", rate=200, seconds=0.3, grace=5)
    assert run.errors["read"] == run.intended and run.requests == 0


def run_binary(*arguments):
    return subprocess.run([OPEN_LOOP, *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("http://127.0.0.1:1/",), "--rate is missing"),
        (("--rate", "10"), "one URL is needed"),
        (("--rate", "0", "http://127.0.0.1:1/"), "--rate: '0' is not a number from 0.001 to 1e+07"),
        (("--rate", "1x", "http://127.0.0.1:1/"), "--rate: '1x' is not a number"),
        (("--rate", "1", "--connections", "1.5", "http://127.0.0.1:1/"), "--connections: '1.5' is not a whole number"),
        (("--rate", "1", "--arrivals", "odd", "http://127.0.0.1:1/"), "'odd' is neither poisson nor constant"),
        (("--rate", "1", "--body", "/nowhere", "http://127.0.0.1:1/"), "--body: cannot open '/nowhere'"),
        (("--rate", "1", "http://127.0.0.1:1"), "is not of the form http://127.0.0.1:8080/path"),
        (("--rate", "1", "https://127.0.0.1:1/"), "is not of the form"),
        (("--nope",), "usage: open_loop"),
    ],
)
def test_wrong_usage(arguments, complaint):
    result = run_binary(*arguments)
    assert result.returncode == 2
    assert complaint in result.stderr


def test_a_server_that_is_not_there():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # nobody else listens there, either
        result = run_binary("--rate", "10", f"http://127.0.0.1:{sock.getsockname()[1]}/")
    assert result.returncode == 1
    assert "could open only 0 of 64 connections" in result.stderr
    assert result.stdout == ""


def test_a_body_needs_post():
    with pytest.raises(ValueError, match="GET has no body"):
        open_loop.drive(None, "/", rate=1, body=b"x")
