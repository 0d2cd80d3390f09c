"""Turns the trials of a cell into its entry in results.json."""

import statistics

from bench.method import significance, validity
from bench.method.workloads import ALL

PHASES = ("queue", "gil", "handler", "return", "write")
LATENCIES = ("p50", "p90", "p99", "p999", "max")
COMPARED = (
    "requests_per_second",
    "client_p50_seconds",
    "client_p99_seconds",
    "cpu_seconds_per_request",
    "resident_bytes",
    "startup_seconds",
)


def numbers(trial, cell):
    """Returns every figure of one trial: ``{name: number}``."""
    run = trial.run
    requests = max(run.requests, 1)
    found = {
        "requests_per_second": run.requests_per_second,
        "load_seconds": run.seconds,
        "cpu_seconds_per_request": run.cpu_us_per_request / 1e6,
        "resident_bytes": run.resident_bytes,
        "peak_resident_bytes": trial.peak_resident_bytes,
        "startup_seconds": trial.startup_seconds,
        "voluntary_switches_per_request": trial.voluntary_switches / requests,
        "involuntary_switches_per_request": trial.involuntary_switches / requests,
        "server_busy": run.server_busy,
        "load_busy": run.load_busy,
    }
    if run.offered_per_second is not None:
        found["offered_per_second"] = run.offered_per_second
    for clock, latencies in run.latencies_us().items():
        found |= {f"{clock}_{name}_seconds": value / 1e6 for name, value in latencies.items()}
    total = histogram(trial, cell, "total")
    if total:
        found |= {f"server_{name}_seconds": total[name] for name in LATENCIES}
    return found


def histogram(trial, cell, phase):
    """Returns the server's own histogram of the phase for this workload; None if the server has no statistics."""
    if trial.stats is None:
        return None
    return trial.stats["models"][cell.server.runs]["workloads"][ALL[cell.workload].served_as]["phases"][phase]


def median_trial(trials):
    """Returns the trial with the median rate; of an even number, the lower of the middle two."""
    return sorted(trials, key=lambda trial: trial.run.requests_per_second)[(len(trials) - 1) // 2]


def phases(trials, cell):
    if trials[0].stats is None:
        return None
    means = {}
    for phase in PHASES:
        histograms = [histogram(trial, cell, phase) for trial in trials]
        means[phase] = statistics.median(one["sum"] / max(one["count"], 1) for one in histograms)
    return means


def bound_by(trial, cell):
    if trial.stats is None:
        return None
    found = trial.stats["models"][cell.server.runs]["bound_by"]
    return {"verdict": found["verdict"], "because": found["because"]}


def percentiles(trial, cell):
    """Returns the curves of a trial, which is the median round: ``{"server", "client"}``."""
    total = histogram(trial, cell, "total")
    server = None
    if total and total["count"]:
        server = [[0.0, total["min"]], [0.5, total["p50"]], [0.9, total["p90"]], [0.99, total["p99"]]]
        server += [[0.999, total["p999"]], [1.0, total["max"]]]
    return {"server": server, "client": [[q, us / 1e6] for q, us in trial.run.curve_us()]}


def identity(cell):
    return {
        "server": cell.server.name,
        "workload": cell.workload,
        "connections": cell.connections,
        "rate": cell.rate,
        "idle": cell.idle,
        "cores": cell.cores,
        "baseline": cell.baseline,
    }


NOTHING = {"figures": {}, "invalid": [], "against": None, "phases": None, "bound_by": None, "percentiles": None}


def unmeasured(cell, state, reason):
    return {**identity(cell), "state": state, "reason": reason, **NOTHING}


def measured(cell, trials):
    each = [numbers(trial, cell) for trial in trials]
    figures = {name: significance.figure([one[name] for one in each]) for name in each[0]}
    middle = median_trial(trials)
    return {
        **identity(cell),
        "state": "measured",
        "reason": None,
        "invalid": validity.check(cell, figures, trials),
        "figures": figures,
        "against": None,
        "phases": phases(trials, cell),
        "bound_by": bound_by(middle, cell),
        "percentiles": percentiles(middle, cell),
    }


def compare(summaries, cells):
    """Fills in "against": the comparison of each cell with its baseline under the same load."""
    measured_cells = {cell.key: one for cell, one in zip(cells, summaries, strict=True) if one["state"] == "measured"}
    for cell in cells:
        ours, theirs = measured_cells.get(cell.key), measured_cells.get((cell.baseline, *cell.load))
        if ours is None or theirs is None or ours is theirs:
            continue
        ours["against"] = {
            name: significance.against(ours["figures"][name]["values"], theirs["figures"][name]["values"])
            for name in COMPARED
        }
