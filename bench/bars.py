"""The bars: what docs/performance.md promises, each measured beside what it is compared with, in one run."""

import json
import statistics
from contextlib import ExitStack

from rich import box
from rich.table import Table

from bench import cores, load
from bench.idle import IDLE_CONNECTIONS, hold_idle, hold_requests
from bench.servers import BareLibuv, Nginx, Tandem
from bench.startup import interpreter, python_startup

ROUNDS = 7


def result(name, what, value, limit, at_most, detail):
    held = value <= limit if at_most else value >= limit
    return {"name": name, "what": what, "value": value, "limit": limit, "at_most": at_most, "held": held, **detail}


def rounds(servers, path, *, count=ROUNDS, seconds=2, **more):
    """``{server name: [Run, …]}``, interleaved, behind a short run of each that is not kept."""
    for server in servers:
        load.wrk(server, path, seconds=1, **more)
    runs = {server.name: [] for server in servers}
    for _ in range(count):
        for server in servers:
            runs[server.name].append(load.wrk(server, path, seconds=seconds, **more))
    return runs


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def ratio(runs, field, name, baseline):
    """Round by round, so that a disturbance counts for both; the median of these."""
    return statistics.median(
        getattr(a, field) / getattr(b, field) for a, b in zip(runs[name], runs[baseline], strict=True)
    )


def figures(runs, field):
    return {"medians": {name: median(of_name, field) for name, of_name in runs.items()}}


def models_beside_nginx():
    """uv-loop against nginx, and the other models against uv-loop: /plaintext, 64 connections, one core each."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(server)
            for server in (
                Nginx(),
                Tandem("uv-loop"),
                Tandem("uv-pool"),
                Tandem("py-inline"),
                Tandem("py-threads", "--threads", "1", name="py-threads, 1 thread"),
                Tandem("py-threads", "--threads", "8", name="py-threads, 8 threads"),
            )
        ]
        runs = rounds(servers, "/plaintext", count=11)
    rate, cpu = figures(runs, "requests_per_second"), figures(runs, "cpu_us_per_request")
    yield result(
        "uv-loop/nginx req/s",
        "plaintext requests/s",
        ratio(runs, "requests_per_second", "uv-loop", "nginx"),
        1.0,
        False,
        rate,
    )
    yield result(
        "uv-loop/nginx CPU", "CPU per request", ratio(runs, "cpu_us_per_request", "uv-loop", "nginx"), 1.10, True, cpu
    )
    for name, limit in (
        ("py-inline", 1.15),
        ("py-threads, 1 thread", 1.3),
        ("py-threads, 8 threads", 1.4),
        ("uv-pool", 1.8),
    ):
        value = ratio(runs, "cpu_us_per_request", name, "uv-loop")
        yield result(f"{name}/uv-loop CPU", "CPU per plaintext request", value, limit, True, cpu)


def loops():
    """--loops 2 against --loops 1: /plaintext, 128 connections, the server and two threads of wrk both on all cores."""
    with ExitStack() as stack:
        stack.enter_context(cores.shared())
        one = stack.enter_context(Tandem("uv-loop", name="1 loop"))
        two = stack.enter_context(Tandem("uv-loop", "--loops", "2", name="2 loops"))
        runs = rounds([one, two], "/plaintext", count=11, connections=128, threads=2)
    cpu, rate = (figures(runs, field)["medians"] for field in ("cpu_us_per_request", "requests_per_second"))
    medians = cpu | {f"{name}, req/s": value for name, value in rate.items()}
    value = ratio(runs, "cpu_us_per_request", "2 loops", "1 loop")
    yield result(
        "2 loops/1 loop CPU", "CPU per request, wrk on the same cores", value, 1.10, True, {"medians": medians}
    )


def sleepers():
    """One request in 500 sleeps 10 ms: py-threads with 8 threads must go on as if nothing were."""
    with Tandem("py-threads", "--threads", "8") as server:
        load.wrk(server, "/plaintext", seconds=1)
        with_, without = [], []
        for _ in range(ROUNDS):
            without.append(load.wrk(server, "/plaintext", seconds=2))
            with_.append(load.wrk(server, "/plaintext", seconds=2, script="sleepers"))
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
                load.wrk(server, busy, seconds=1)
                runs["without"] += [load.wrk(server, busy, seconds=2) for _ in range(2)]
                with hold_requests(server, hang, hung_requests):
                    runs["with"] += [load.wrk(server, busy, seconds=2) for _ in range(2)]
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
        runs = [load.wrk(server, "/sleep?ms=10", connections=512, seconds=3) for _ in range(5)]
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
    """From the spawn to the first 200; Python's own start beside it, in turn."""
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
    """Drives /plaintext until the server has answered that many in all."""
    while server.stats()["http"]["requests_total"] < total:
        load.wrk(server, "/plaintext", seconds=1)


def memory():
    """What a million requests leave behind that a hundred thousand did not, and what an idle connection costs."""
    for model in ("uv-loop", "uv-pool", "py-inline", "py-threads"):
        with Tandem(model) as server:
            requests_until(server, 100_000)
            early = server.resident_bytes()
            requests_until(server, 1_000_000)
            late = server.resident_bytes()
            growth = (late - early) / (1 << 20)
            detail = {"medians": {"after 100 k": early, "after 1 M": late}}
            yield result(f"RSS growth, {model}", "MiB from 100 k to 1 M requests", abs(growth), 1, True, detail)
    with Tandem("uv-loop") as server:
        before = server.resident_bytes()
        with hold_idle(server, IDLE_CONNECTIONS):
            each = (server.resident_bytes() - before) / IDLE_CONNECTIONS / 1024
        yield result(
            "idle connections", f"KiB each of {IDLE_CONNECTIONS}", each, 12, True, {"medians": {"before": before}}
        )


ALL = {
    "models": models_beside_nginx,
    "loops": loops,
    "sleepers": sleepers,
    "hung": hung,
    "sleep": sleeping_connections,
    "startup": startup,
    "memory": memory,
}


def measure(names, progress):
    results = []
    for name in names:
        progress(ALL[name].__doc__.split("\n")[0])
        results += ALL[name]()
    return results


def show(console, results, environment):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("bar", "what", "measured", "limit", "", "medians"):
        table.add_column(header, justify="right" if header in ("measured", "limit") else "left")
    for one in results:
        table.add_row(
            one["name"],
            one["what"],
            f"{one['value']:.3f}",
            f"{'≤' if one['at_most'] else '≥'} {one['limit']:g}",
            "[green]holds[/green]" if one["held"] else "[red]does not[/red]",
            json.dumps({key: round(value, 4) for key, value in one["medians"].items()}),
        )
    console.print(table)
    console.print(f"{environment['placement']}; {environment['kernel']}; {environment['cpu']}; {environment['tandem']}")
