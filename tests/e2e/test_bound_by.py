"""bound_by in /stats: each load here is built for one bottleneck, which the verdict must name.

Each load begins before the window and ends after it, so the verdict is on that load alone. The machine may be busy
otherwise, since no test measures a speed.
"""

import contextlib
import os
import subprocess
import threading
import time

import pytest

from support import MODELS, SANITIZED

WINDOW_SECONDS = 1
CORES = sorted(os.sched_getaffinity(0))
pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer takes most of the time that is looked at")
two_cores = pytest.mark.skipif(len(CORES) < 2, reason="with one core everything that computes is bound by it")


@contextlib.contextmanager
def load(server, path, connections):
    """A load of so many connections. Each sends its next request as soon as it has the answer."""
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "-t1", f"-c{connections}", "-d60s", "--timeout", "60s", url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as wrk:
        time.sleep(0.3)
        try:
            yield
        finally:
            wrk.kill()


def bound_by(server, model):
    server.set_mark("window")
    time.sleep(WINDOW_SECONDS)
    return server.stats("window")["models"][model]["bound_by"]


def expect(server, path, connections, verdict):
    model = server.mode
    with load(server, path, connections):
        bound = bound_by(server, model)
    assert bound["verdict"] == verdict, bound
    return bound["figures"]


@pytest.mark.quiet
def test_nothing_is_asked_for(serve):
    server = serve("--mode", "compare")
    server.set_mark("window")
    time.sleep(WINDOW_SECONDS)
    for model in server.stats("window")["models"].values():
        bound = model["bound_by"]
        assert bound["verdict"] == "client", bound
        assert bound["because"].startswith("nothing was asked for in ")
        assert bound["figures"]["requests_per_second"] == bound["figures"]["in_flight"] == 0


@pytest.mark.quiet
@pytest.mark.parametrize("model, path", [*((model, "/plaintext") for model in MODELS), ("uv-loop", "/sleep?ms=1")])
def test_client(serve, model, path):
    """The client waits between its requests."""
    server, over = serve("--mode", model), threading.Event()

    def ask():
        while not over.wait(0.02):
            assert server.get(path)[0] == 200

    client = threading.Thread(target=ask)
    client.start()
    try:
        bound = bound_by(server, model)
    finally:
        over.set()
        client.join()
    assert bound["verdict"] == "client", bound
    assert bound["figures"]["requests_per_second"] > 1


@pytest.mark.alone
@pytest.mark.parametrize("model", ["uv-pool", "py-threads"])
def test_cpu(serve, model):
    server = serve("--mode", model, on_core=CORES[0])
    figures = expect(server, "/primes?n=5000", 8, "cpu")
    assert figures["cores"] == 1
    assert figures["cpu_ratio"] + figures["cpu_wait_ratio"] >= 0.9


@pytest.mark.alone
@two_cores
@pytest.mark.parametrize("connections, threads", [(2, 2), (8, 4)])
def test_gil(serve, connections, threads):
    server = serve("--mode", "py-threads", "--threads", str(threads))
    figures = expect(server, "/primes?n=20000", connections, "gil")
    assert figures["gil_held_ratio"] > 0.5


@pytest.mark.alone
@two_cores
@pytest.mark.parametrize("model, n", [("uv-loop", 200000), ("py-inline", 30000)])
def test_loop(serve, model, n):
    figures = expect(serve("--mode", model), f"/primes?n={n}", 4, "loop")
    assert figures["loop_ratio"] >= 0.9


@pytest.mark.quiet
def test_a_loop_that_sleeps(serve):
    """The requests wait for the loop, and for the sleeps that occupy it."""
    figures = expect(serve("--mode", "py-inline"), "/sleep?ms=10", 8, "loop")
    assert figures["phase_ratios"]["queue"] > figures["phase_ratios"]["handler"]


@pytest.mark.quiet
@pytest.mark.parametrize("model", ["uv-pool", "py-threads", "py-subinterp"])
@pytest.mark.parametrize("ms", [20, 2000])
def test_pool(serve, model, ms):
    """There are more connections than threads. The requests end within the window, or outlast it."""
    figures = expect(serve("--mode", model, "--threads", "3"), f"/sleep?ms={ms}", 6, "pool")
    assert figures["pool_ratio"] >= 0.9
    assert figures["waiting"] == pytest.approx(3, abs=1)
    assert figures["in_flight"] == pytest.approx(6, abs=1)


@pytest.mark.quiet
@pytest.mark.parametrize(
    "model, connections, ms",
    [
        *(("uv-loop", 16, 20), ("uv-loop", 16, 2000), ("uv-pool", 3, 20), ("py-threads", 3, 20)),
        *(("py-threads", 3, 2000), ("py-asyncio", 16, 20), ("py-asyncio", 16, 2000), ("py-subinterp", 3, 20)),
    ],
)
def test_sleep(serve, model, connections, ms):
    figures = expect(serve("--mode", model, "--threads", "4"), f"/sleep?ms={ms}", connections, "sleep")
    assert figures["off_cpu_ratio"] >= 0.5
    # Each request is in flight for ms or more. On a busy machine the client is late with some, and fewer are in flight.
    asleep = figures["requests_per_second"] * ms / 1000 if ms < WINDOW_SECONDS * 1000 else connections
    assert asleep - 2 <= figures["in_flight"] <= connections + 2


@pytest.mark.quiet
def test_without_a_mark_it_is_about_the_last_seconds(serve):
    server = serve("--mode", "uv-pool", "--threads", "2")
    with load(server, "/sleep?ms=20", 6):
        time.sleep(2.5)
        bound = server.model("uv-pool")["bound_by"]
    assert bound["verdict"] == "pool", bound
    assert 1 < bound["figures"]["window_seconds"] < 11


@pytest.mark.alone
@two_cores
def test_each_model_has_its_own_verdict(serve):
    server = serve("--mode", "compare", "--threads", "2")
    with load(server, "/py-threads/primes?n=20000", 4):
        server.set_mark("window")
        time.sleep(WINDOW_SECONDS)
        models = server.stats("window")["models"]
    verdicts = {name: model["bound_by"]["verdict"] for name, model in models.items()}
    assert verdicts == {**dict.fromkeys(MODELS, "client"), "py-threads": "gil"}, models
