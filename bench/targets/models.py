"""The targets of the models: the cost of a request in each, side by side, and the use of a second core."""

from contextlib import ExitStack

from bench.load.idle import hold_idle
from bench.machine import cores
from bench.servers.peer import Peer
from bench.servers.tandem import NOSTATS, Tandem
from bench.targets.ratios import figures, median, ratio, result, rounds

# Limits of uv-loop's CPU time per plaintext request, as a ratio to that of peers.
BESIDE = {"nginx": 0.97, "libmicrohttpd": 1.0}

# Limits of the CPU time per plaintext request, as a ratio to uv-loop's.
LIMITS = {"py-inline": 1.15, "py-threads": 1.2, "py-asyncio": 1.5, "py-subinterp": 1.25, "uv-pool": 1.5}


def models_beside_others():
    """uv-loop against nginx and libmicrohttpd, the other models against uv-loop: /plaintext, one core each."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(server)
            for server in (
                *(Peer(name) for name in BESIDE),
                Tandem("uv-loop"),
                *(Tandem(model) for model in LIMITS),
                Tandem("py-threads", "--threads", "1", name="py-threads, 1 thread"),
                Tandem("py-threads", "--threads", "8", name="py-threads, 8 threads"),
            )
        ]
        runs = rounds(servers, "/plaintext", count=11)
    rate, cpu = figures(runs, "requests_per_second"), figures(runs, "cpu_us_per_request")

    def of(found, *names):
        return {"medians": {name: found["medians"][name] for name in names}}

    yield result(
        "uv-loop/nginx req/s",
        "plaintext requests/s",
        ratio(runs, "requests_per_second", "uv-loop", "nginx"),
        1.0,
        False,
        of(rate, "uv-loop", "nginx"),
    )
    threads = {"py-threads, 1 thread": 1.3, "py-threads, 8 threads": 1.4}
    pairs = [("uv-loop", name, limit) for name, limit in BESIDE.items()]
    pairs += [(name, "uv-loop", limit) for name, limit in (LIMITS | threads).items()]
    for ours, theirs, limit in pairs:
        value = ratio(runs, "cpu_us_per_request", ours, theirs)
        yield result(f"{ours}/{theirs} CPU", "CPU per plaintext request", value, limit, True, of(cpu, ours, theirs))


def browser():
    """The head of a browser, ten fields and 600 bytes: uv-loop against nginx, 64 connections, one core each."""
    with Peer("nginx") as nginx, Tandem("uv-loop") as uv_loop:
        runs = rounds([nginx, uv_loop], "/plaintext", script="browser")
    value = ratio(runs, "cpu_us_per_request", "uv-loop", "nginx")
    what = "CPU per plaintext request with a browser's head"
    yield result("browser, uv-loop/nginx CPU", what, value, 0.90, True, figures(runs, "cpu_us_per_request"))


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


def second_core():
    """/primes?n=20000 on two cores with two threads and with one; the load shares the cores, and needs little."""
    if len(cores.usable()) < 2:
        return
    for model, limit, at_most in (("py-subinterp", 1.8, False), ("uv-pool", 1.8, False), ("py-threads", 1.1, True)):
        with cores.shared(), ExitStack() as stack:
            servers = [stack.enter_context(Tandem(model, "--threads", n, name=f"{n} threads")) for n in ("1", "2")]
            runs = rounds(servers, "/primes?n=20000", count=5, connections=8)
        value = ratio(runs, "requests_per_second", "2 threads", "1 threads")
        what = "requests/s with two threads, of one's"
        yield result(f"second core, {model}", what, value, limit, at_most, figures(runs, "requests_per_second"))


def sleeping_coroutines():
    """/sleep?ms=10 with 1 000 connections: py-asyncio beside uv-loop, or beside the capacity of its core."""
    with Tandem("uv-loop") as uv_loop, Tandem("py-asyncio") as py_asyncio:
        runs = rounds([uv_loop, py_asyncio], "/sleep?ms=10", count=5, connections=1000)
    own = runs["py-asyncio"]
    core = 1e6 / median(own, "cpu_us_per_request")
    possible = min(median(runs["uv-loop"], "requests_per_second"), core)
    detail = {"medians": {**figures(runs, "requests_per_second")["medians"], "py-asyncio's core": core}}
    value = median(own, "requests_per_second") / possible
    yield result("sleep, py-asyncio", "of uv-loop's or its core's requests/s", value, 0.9, False, detail)


def statistics_on():
    """Plaintext with all statistics on, and compiled out."""
    for model in ("uv-loop", *LIMITS):
        with Tandem(model, name="on") as with_, Tandem(model, name="out", binary=NOSTATS) as without:
            runs = rounds([with_, without], "/plaintext", count=15, seconds=1)
        value = ratio(runs, "cpu_us_per_request", "on", "out")
        what = "CPU per plaintext request, of that without"
        yield result(f"statistics, {model}", what, value, 1.03, True, figures(runs, "cpu_us_per_request"))


def open_connections():
    """256 active connections beside 9 736 idle ones, and alone."""
    with (
        Tandem("uv-loop", name="alone") as alone,
        Tandem("uv-loop", name="among 10000") as among,
        hold_idle(among, 10000 - 256 - 8),
    ):
        runs = rounds([alone, among], "/plaintext", connections=256)
    for field, limit, at_most in (("requests_per_second", 0.9, False), ("cpu_us_per_request", 1.1, True)):
        value = ratio(runs, field, "among 10000", "alone")
        yield result(f"10000 connections, {field}", "of that with 256", value, limit, at_most, figures(runs, field))
