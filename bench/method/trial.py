"""A trial: a fresh server process that is checked, warmed up, checked, measured in one run, checked again, stopped."""

from contextlib import ExitStack, nullcontext
from dataclasses import dataclass

from bench.load import idle, open_loop, wrk
from bench.load.run import LONGEST_SECONDS, Run, until_answered
from bench.machine import cores
from bench.method.workloads import ALL
from bench.servers.peer import Peer
from bench.servers.server import Failed, Unsupported
from bench.servers.tandem import Tandem

MARK = "warm"
ANSWERS = 8
QUEUE_LIMIT = 1024  # tandem's default


@dataclass(frozen=True)
class Trial:
    run: Run
    startup_seconds: float
    peak_resident_bytes: int
    voluntary_switches: int  # by the server's threads during the load
    involuntary_switches: int
    stats: dict | None  # tandem's /stats for the duration of the load; None for a peer


def server_of(cell):
    """Returns the server of a cell, not yet started."""
    spec = cell.server
    if spec.kind == "peer":
        return Peer(spec.runs, *spec.options, label=spec.name)
    count = cell.connections + cell.idle + 64
    room = ("--max-connections", str(count), "--queue-limit", str(count)) if count > QUEUE_LIMIT else ()
    return Tandem(spec.runs, *room, *spec.options, name=spec.name)


def check_answer(server, workload):
    judge_answer(server, workload, *workload.ask(server))


def judge_answer(server, workload, status, body):
    """Raises Unsupported if the server lacks the workload, Failed if the answer is another than the right one."""
    if status in (404, 501):
        raise Unsupported(body.decode(errors="replace"))
    if (status, body) != (200, workload.answer):
        raise Failed(
            f"{server.name} answers {workload.path} with status {status} and {body[:80]!r}, "
            f"not with status 200 and {workload.answer[:80]!r}"
        )


def drive(server, cell, seconds):
    workload = ALL[cell.workload]
    if cell.rate is not None:
        return open_loop.drive(
            server,
            workload.path,
            rate=cell.rate,
            connections=cell.connections,
            seconds=seconds,
            method=workload.method,
            body=workload.body,
        )
    script = "get" if workload.body is None else "post"
    return wrk.drive(server, workload.path, connections=cell.connections, seconds=seconds, script=script)


def seconds_of(cell, rate):
    """Returns how long to drive the cell.

    That is the experiment's time. A closed loop runs for at least eight times as long as an answer takes at ``rate``,
    so that the requests in flight at both ends count for little. This extends a run to ten seconds at most.
    """
    if cell.rate is not None:
        return cell.seconds
    answer_takes = cell.connections / rate if rate else LONGEST_SECONDS
    return max(cell.seconds, min(ANSWERS * answer_takes, LONGEST_SECONDS))


def drive_marked(server, cell, seconds):
    """Drives the cell, a closed loop until something is answered. Returns the Run, and the server's context switches
    before it; the server's mark is set there, too."""
    switched = None

    def once(seconds):
        nonlocal switched
        server.mark(MARK)
        switched = server.context_switches()
        return drive(server, cell, seconds)

    run = once(seconds) if cell.rate is not None else until_answered(once, seconds)[0]
    return run, switched


def measure(cell):
    """Runs and returns a Trial of the cell. Failed and Unsupported say why there is none."""
    workload = ALL[cell.workload]
    with ExitStack() as stack:
        stack.enter_context(cores.shared() if cell.cores == "shared" else nullcontext())
        if cell.idle:
            idle.allow_descriptors(cell.connections + cell.idle + 256)  # before the start: the server inherits it
        server = stack.enter_context(server_of(cell))
        check_answer(server, workload)
        if cell.idle:
            stack.enter_context(idle.hold_idle(server, cell.idle))
        warm_up = drive(server, cell, cell.warm_up_seconds)
        check_answer(server, workload)  # also waits for what the warm-up left in flight
        run, switched = drive_marked(server, cell, seconds_of(cell, warm_up.requests_per_second))
        voluntary, involuntary = (now - then for now, then in zip(server.context_switches(), switched, strict=True))
        trial = Trial(
            run=run,
            startup_seconds=server.startup_seconds,
            peak_resident_bytes=server.peak_resident_bytes(),
            voluntary_switches=voluntary,
            involuntary_switches=involuntary,
            stats=server.stats_since(MARK),
        )
        check_answer(server, workload)
        return trial
