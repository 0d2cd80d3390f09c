"""The building blocks of the targets: interleaved runs of servers, and ratios of one server to another."""

import statistics

from bench.load import wrk

ROUNDS = 7


def result(name, what, value, limit, at_most, detail):
    held = value <= limit if at_most else value >= limit
    return {"name": name, "what": what, "value": value, "limit": limit, "at_most": at_most, "held": held, **detail}


def limit_text(one):
    return f"{'≤' if one['at_most'] else '≥'} {one['limit']:g}"


def not_measured(name, reason):
    """Returns the result of a target without a value, which counts as not held."""
    nothing = {"what": reason, "value": None, "limit": None, "at_most": False}
    return {"name": name, **nothing, "held": False, "medians": {}}


def rounds(servers, path, *, count=ROUNDS, seconds=2, **more):
    """Returns ``{server name: [Run, …]}`` of interleaved runs. A short warm-up run of each server comes first and is
    discarded."""
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
    """Returns the median of the ratios of each round, so that a disturbance affects both servers."""
    return statistics.median(
        getattr(a, field) / getattr(b, field) for a, b in zip(runs[name], runs[baseline], strict=True)
    )


def figures(runs, field):
    return {"medians": {name: median(of_name, field) for name, of_name in runs.items()}}
