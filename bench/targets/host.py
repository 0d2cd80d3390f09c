"""The targets of the host: slow and hung requests beside fast ones, startup and memory."""

import statistics

from bench.load import wrk
from bench.load.idle import IDLE_CONNECTIONS, hold_idle, hold_requests
from bench.machine.startup import interpreter, python_startup
from bench.servers.bare_libuv import BareLibuv
from bench.servers.tandem import Tandem, models
from bench.targets.ratios import ROUNDS, figures, median, ratio, result, rounds


def sleepers():
    """One request in 500 sleeps 10 ms: py-threads with 8 threads must stay almost as fast as without."""
    with Tandem("py-threads", "--threads", "8") as server:
        wrk.drive(server, "/plaintext", seconds=1)
        with_, without = [], []
        for _ in range(ROUNDS):
            without.append(wrk.drive(server, "/plaintext", seconds=2))
            with_.append(wrk.drive(server, "/plaintext", seconds=2, script="sleepers"))
    runs = {"with": with_, "without": without}
    value = ratio(runs, "requests_per_second", "with", "without")
    yield result(
        "sleepers", "requests/s with 1 in 500 sleeping", value, 0.85, False, figures(runs, "requests_per_second")
    )


def hung():
    """4 000 requests that hang beside 64 connections that do not."""
    hung_requests = 4000
    options = ("--request-timeout", "10m", "--queue-limit", "10000")
    for mode, hang, busy in (
        ("uv-loop", "/uv-loop/sleep?ms=60000", "/uv-loop/plaintext"),
        ("compare:uv-loop,py-threads", "/uv-loop/sleep?ms=60000", "/py-threads/plaintext"),
    ):
        runs = {"with": [], "without": []}
        for _ in range(3):
            with Tandem(mode, *options) as server:
                wrk.drive(server, busy, seconds=1)
                runs["without"] += [wrk.drive(server, busy, seconds=2) for _ in range(2)]
                with hold_requests(server, hang, hung_requests):
                    runs["with"] += [wrk.drive(server, busy, seconds=2) for _ in range(2)]
        value = ratio(runs, "requests_per_second", "with", "without")
        name = f"{hung_requests} hung, {busy.split('/')[1]}"
        yield result(name, "requests/s beside hung requests", value, 0.85, False, figures(runs, "requests_per_second"))


def sleeping_connections():
    """/sleep?ms=10: 512 connections of uv-loop, beside a server that only waits, and 64 threads of py-threads."""
    ideal = 512 / 0.010
    with Tandem("uv-loop") as server, BareLibuv(10) as bare:
        runs = rounds([server, bare], "/sleep?ms=10", connections=512, seconds=3)
    possible = [min(ideal, run.requests_per_second) for run in runs["bare libuv"]]
    value = statistics.median(
        run.requests_per_second / limit for run, limit in zip(runs["uv-loop"], possible, strict=True)
    )
    detail = figures(runs, "requests_per_second")
    yield result("sleep, uv-loop", "of 51 200/s or of a bare libuv server", value, 0.95, False, detail)
    with Tandem("py-threads", "--threads", "64") as server:
        runs = [wrk.drive(server, "/sleep?ms=10", connections=512, seconds=3) for _ in range(5)]
    rate = median(runs, "requests_per_second")
    yield result(
        "sleep, py-threads",
        "of the ideal 6 400/s",
        rate / 6400,
        0.85,
        False,
        {"medians": {"requests_per_second": rate}},
    )


def startup():
    """Startup from the spawn to the first 200, beside Python's own startup."""
    times = {name: [] for name in ("uv-loop", "py-inline", "py-threads", "python -c pass")}
    python = interpreter()
    for _ in range(15):
        for name in times:
            if name == "python -c pass":
                times[name].append(python_startup(python))
            else:
                with Tandem(name) as server:
                    times[name].append(server.startup_seconds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    yield result("startup, uv-loop", "ms to the first 200", medians["uv-loop"] * 1e3, 15, True, {"medians": medians})
    for name in ("py-inline", "py-threads"):
        value = statistics.median(a / b for a, b in zip(times[name], times["python -c pass"], strict=True))
        yield result(f"startup, {name}", "of python3 -c pass", value, 2, True, {"medians": medians})


def requests_until(server, total):
    """Drives /plaintext until the server has counted at least ``total`` requests."""
    while server.stats()["http"]["requests_total"] < total:
        wrk.drive(server, "/plaintext", seconds=1)


def memory():
    """Memory growth from a hundred thousand requests to a million."""
    for model in models():
        with Tandem(model) as server:
            requests_until(server, 100_000)
            early = server.resident_bytes()
            requests_until(server, 1_000_000)
            late = server.resident_bytes()
            growth = (late - early) / (1 << 20)
            detail = {"medians": {"after 100 k": early, "after 1 M": late}}
            yield result(f"RSS growth, {model}", "MiB from 100 k to 1 M requests", abs(growth), 1, True, detail)


def idle_connections():
    """Memory of an idle connection of uv-loop."""
    with Tandem("uv-loop") as server:
        before = server.resident_bytes()
        with hold_idle(server, IDLE_CONNECTIONS):
            each = (server.resident_bytes() - before) / IDLE_CONNECTIONS
    what = f"bytes of resident memory, of {IDLE_CONNECTIONS}"
    yield result("idle connection", what, each, 2600, True, {"medians": {"before": before}})
