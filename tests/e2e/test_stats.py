"""/stats over a real socket: the document's shape, and numbers that agree with the requests sent."""

import itertools
import time

import pytest

from support import MODELS, SANITIZED, Background, wait_until

H = {"count", "sum", "min", "p50", "p90", "p99", "p999", "max"}
PHASES = {"queue", "gil", "handler", "return", "write", "total"}


def test_shape(serve):
    server = serve("--mode", "compare")
    server.get("/py-threads/json")
    stats = server.stats()
    assert set(stats) == {"tandem", "process", "http", "loops", "gil", "models"}
    assert set(stats["tandem"]) == {
        *("version", "mode", "admin", "pid", "python", "gc_threshold", "libuv", "libmicrohttpd", "started_at"),
        *("uptime_seconds", "startup_seconds", "python_startup_seconds", "since", "window_seconds"),
    }
    assert 0 < stats["tandem"]["python_startup_seconds"] < stats["tandem"]["startup_seconds"]
    assert set(stats["process"]) == {
        *("resident_memory_bytes", "cpu_user_seconds", "cpu_system_seconds", "threads"),
        *("voluntary_context_switches", "involuntary_context_switches"),
    }
    assert set(stats["http"]) == {
        *("connections_active", "connections_total", "requests_total", "requests_in_flight", "responses", "rejected"),
    }
    assert set(stats["http"]["rejected"]) == {
        *("malformed", "header_timeout", "body_timeout", "body_too_large", "header_too_large", "queue_full"),
        *("handler_timeout", "handler_error", "unsupported", "write_timeout"),
    }
    (loop,) = stats["loops"]
    assert set(loop) == {"id", "connections_active", "utilization", "delay"} and set(loop["delay"]) == H
    gil, *others = stats["gil"]
    assert [other["interpreter"] for other in others] == [1, 2, 3, 4]  # those of py-subinterp
    assert set(gil) == {"interpreter", "wait_seconds_total", "waits_total", "switches_total", "held_ratio"}
    for name in MODELS:
        model = stats["models"][name]
        own = {"py-asyncio": {"loop"}, "py-subinterp": {"fallbacks"}}.get(name, set())
        assert set(model) == {
            *("threads", "in_flight", "queue_length", "queue_limit", "requests_total", "errors_total", "phases"),
            *("workloads", "bound_by", *own),
        }
        assert set(model["bound_by"]) == {"verdict", "because", "figures"}
        assert set(model["phases"]) == PHASES
        assert all(set(phase) == H for phase in model["phases"].values())
    assert set(stats["models"]["py-asyncio"]["loop"]) == {"implementation", "utilization", "delay"}
    (workload,) = stats["models"]["py-threads"]["workloads"].values()
    assert set(workload) == {"requests_total", "errors_total", "phases"}


def test_process(serve):
    server = serve("--mode", "uv-loop")
    stats = server.stats()
    assert stats["tandem"]["pid"] == server.pid
    assert abs(stats["tandem"]["started_at"] + stats["tandem"]["uptime_seconds"] - time.time()) < 5
    assert stats["process"]["threads"] == len(list(__import__("os").scandir(f"/proc/{server.pid}/task")))
    assert stats["process"]["resident_memory_bytes"] > 1 << 20


@pytest.mark.parametrize("model", MODELS)
def test_counts_and_phases(serve, model):
    server = serve("--mode", model)
    for _ in range(5):
        assert server.get("/sleep?ms=50")[0] == 200
    assert server.get("/sleep?ms=x")[0] == 400
    stats = server.stats()
    entry = stats["models"][model]
    assert (entry["requests_total"], entry["errors_total"], entry["in_flight"]) == (6, 0, 0)
    assert stats["http"]["responses"]["2xx"] == 5
    assert stats["http"]["responses"]["4xx"] == 1
    phases = entry["workloads"]["sleep"]["phases"]
    assert phases == entry["phases"]
    assert phases["handler"]["count"] == 5
    assert phases["total"]["count"] == 6
    for quantile in ("p50", "max"):
        assert 0.049 <= phases["handler"][quantile] < 1
    assert phases["gil"]["count"] == (5 if model.startswith("py-") else 0)
    parts = sum(phases[name]["sum"] for name in PHASES - {"total"})
    assert parts <= phases["total"]["sum"] < parts + 0.5


def test_queue_is_seen(serve):
    server = serve("--mode", "uv-pool", "--threads", "1")
    requests = [Background(server.get, "/sleep?ms=100") for _ in range(4)]
    for request in requests:
        assert request.result()[0] == 200
    queue = server.model("uv-pool")["phases"]["queue"]
    assert queue["count"] == 4
    assert 0.25 < queue["max"] < 5


@pytest.mark.alone
@pytest.mark.skipif(bool(SANITIZED), reason="the sanitizers define pthread_cond_timedwait themselves")
def test_gil_waits_are_seen(serve):
    """Two threads that compute wait for each other. A single thread does not wait."""
    server = serve("--mode", "py-threads", "--threads", "2")
    assert server.get("/primes?n=100000")[0] == 200
    before = server.stats()["gil"][0]
    assert before["wait_seconds_total"] < 0.05
    requests = [Background(server.get, "/primes?n=200000") for _ in range(2)]
    for request in requests:
        assert request.result()[0] == 200
    stats = server.stats()
    gil = stats["gil"][0]
    waited = gil["wait_seconds_total"] - before["wait_seconds_total"]
    handlers = stats["models"]["py-threads"]["phases"]["handler"]["sum"]
    assert waited > 0.1 * handlers
    assert gil["waits_total"] > before["waits_total"]
    assert gil["switches_total"] > before["switches_total"]
    phase = stats["models"]["py-threads"]["phases"]["gil"]
    assert phase["sum"] == pytest.approx(waited + before["wait_seconds_total"], rel=0.2)


@pytest.mark.alone
@pytest.mark.skipif(bool(SANITIZED), reason="the sanitizers define pthread_cond_timedwait themselves")
def test_a_sleeping_handler_waits_for_the_gil_when_it_wakes(serve):
    server = serve("--mode", "py-threads", "--threads", "2")
    busy = Background(server.get, "/primes?n=400000")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    assert server.get("/sleep?ms=20")[0] == 200
    assert busy.result()[0] == 200
    sleep = server.model("py-threads")["workloads"]["sleep"]["phases"]
    assert sleep["gil"]["sum"] > 0.001, "it had to wait for the thread that computes"
    assert 0.019 < sleep["handler"]["sum"] < 0.1, "the waits are not counted twice"


def test_stats_while_python_holds_the_gil(serve):
    """The goal is an answer within 50 ms. The test allows more, since the machine may be busy otherwise."""
    server = serve("--mode", "py-threads", "--threads", "4", "--request-timeout", "5m")
    busy = [Background(server.get, "/primes?n=200000") for _ in range(4)]
    wait_until(lambda: server.model("py-threads")["in_flight"] == 4)
    took = []
    for path in itertools.cycle(["/stats", "/metrics", "/stats?since=m"]):
        server.set_mark("m")
        begun = time.monotonic()
        assert server.get(path)[0] == 200
        took.append(time.monotonic() - begun)
        if server.model("py-threads")["in_flight"] < 4:
            break
    assert len(took) > 5
    assert sorted(took)[len(took) // 2] < 0.5
    for request in busy:
        assert request.result()[0] == 200
    held = server.stats()["gil"][0]["held_ratio"]
    assert held > 0.3


def test_loop_delay_and_utilization(serve):
    """A request that occupies the loop shows in both figures."""
    server = serve("--mode", "uv-loop")
    time.sleep(0.3)
    (idle,) = server.stats()["loops"]
    assert idle["utilization"] < 0.5
    assert idle["delay"]["count"] > 5
    assert server.get("/primes?n=2000000")[0] == 200
    wait_until(lambda: server.stats()["loops"][0]["delay"]["max"] > 0.05)
    assert server.stats()["loops"][0]["utilization"] > idle["utilization"]
