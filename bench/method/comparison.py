"""The comparison: every model with every workload, in interleaved rounds.

A server per model is started once; all of them wait while one is driven, so that what disturbs the machine for a while
disturbs all models alike: round 1 goes through every model and workload, then round 2 does, and so on.
"""

import statistics
from contextlib import ExitStack
from dataclasses import asdict

from bench.load import wrk
from bench.servers.server import Failed
from bench.servers.tandem import Tandem

BASELINE = "py-threads"


def check_answers(servers, workloads):
    """Nothing is timed before every model gives the same answer."""
    for workload in workloads:
        answers = {server.name: workload.check(server) for server in servers}
        wrong = [name for name, answer in answers.items() if answer != answers[servers[0].name] or answer[0] != 200]
        if wrong:
            raise Failed(f"{workload.path}: {', '.join(wrong)} did not answer like {servers[0].name}, or not with 200")


def measure(servers, workloads, settings, progress):
    """``{(model, workload): [Run, …]}``, a Run per round."""
    runs = {(server.name, workload.name): [] for workload in workloads for server in servers}
    for round_number in range(settings.rounds):
        for workload in workloads:
            for server in servers:
                progress(f"round {round_number + 1}/{settings.rounds}: {workload.name} in {server.name}")
                run = wrk.drive(
                    server,
                    workload.path,
                    connections=settings.connections,
                    seconds=settings.seconds,
                    script=workload.script,
                )
                runs[server.name, workload.name].append(run)
    return runs


def warm_up(servers, workloads, settings, progress):
    """Threads, connections and memory by load; each twin's import and specialised code (PEP 659) by a few calls."""
    for server in servers:
        progress(f"warming up {server.name}")
        wrk.drive(server, workloads[0].path, connections=settings.connections, seconds=0.5, script=workloads[0].script)
        for workload in workloads:
            for _ in range(20):
                workload.check(server)


def spread(values):
    """Half the distance between the extremes, as a share of the median."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def summarise(server, workload, runs, stats):
    """A cell of the table, as results.json keeps it."""
    rates = [run.requests_per_second for run in runs]
    total = stats["models"][server.model]["workloads"][workload.name]["phases"]["total"]
    return {
        "model": server.name,
        "workload": workload.name,
        "path": workload.path,
        "requests_per_second": statistics.median(rates),
        "requests_per_second_spread": spread(rates),
        "latency_seconds": {key: total[key] for key in ("p50", "p90", "p99", "p999", "max")},
        "wrk_latency_us": {
            key: statistics.median(run.wrk_latency_us[key] for run in runs) for key in runs[0].wrk_latency_us
        },
        "cpu_us_per_request": statistics.median(run.cpu_us_per_request for run in runs),
        "resident_bytes": runs[-1].resident_bytes,
        "startup_seconds": server.startup_seconds,
        "failed_requests": sum(run.failed() for run in runs),
        "rounds": [asdict(run) for run in runs],
    }


def compare(models, workloads, settings, progress):
    """Cells in the order of workloads, then models."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Tandem(model, "--threads", str(settings.threads))) for model in models]
        check_answers(servers, workloads)
        warm_up(servers, workloads, settings, progress)
        runs = measure(servers, workloads, settings, progress)
        stats = {server.name: server.stats() for server in servers}
        return [
            summarise(server, workload, runs[server.name, workload.name], stats[server.name])
            for workload in workloads
            for server in servers
        ]
