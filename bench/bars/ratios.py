"""What the bars are made of: interleaved runs of servers, and ratios of one to another."""

import statistics

from bench.load import wrk

ROUNDS = 7


def result(name, what, value, limit, at_most, detail):
    held = value <= limit if at_most else value >= limit
    return {"name": name, "what": what, "value": value, "limit": limit, "at_most": at_most, "held": held, **detail}


def not_measured(name, reason):
    """A bar without a value, which does not hold."""
    nothing = {"what": reason, "value": None, "limit": None, "at_most": False}
    return {"name": name, **nothing, "held": False, "medians": {}}


def rounds(servers, path, *, count=ROUNDS, seconds=2, **more):
    """``{server name: [Run, …]}``, interleaved, behind a short run of each that is not kept."""
    for server in servers:
        wrk.drive(server, path, seconds=1, **more)
    runs = {server.name: [] for server in servers}
    for _ in range(count):
        for server in servers:
            runs[server.name].append(wrk.drive(server, path, seconds=seconds, **more))
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
