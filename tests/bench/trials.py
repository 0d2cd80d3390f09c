"""Made-up trials and their cells."""

from bench.load.run import Run
from bench.method.experiment import Cell, ServerSpec
from bench.method.trial import Trial

LATENCIES = {"mean": 640.0, "p50": 600.0, "p90": 800.0, "p99": 900.0, "p999": 950.0, "max": 1000.0}


def cell(server="uv-loop", workload="json", **fields):
    return Cell(
        **{
            "server": ServerSpec(server, server),
            "workload": workload,
            "connections": 64,
            "rate": None,
            "idle": 0,
            "cores": "split",
            "baseline": "py-threads",
            "rounds": 4,
            "seconds": 1.0,
            "warm_up_seconds": 0.1,
        }
        | fields
    )


def histogram(mean, count=100):
    values = {name: mean for name in ("min", "p50", "p90", "p99", "p999", "max")}
    return {"count": count, "sum": mean * count, **values}


def stats(model, workload, handler=1e-4):
    phases = {phase: histogram(1e-6) for phase in ("queue", "gil", "return", "write")}
    phases |= {"handler": histogram(handler), "total": histogram(handler + 4e-6)}
    verdict = {"verdict": "cpu", "because": f"handlers take {handler} s", "figures": {}}
    return {"models": {model: {"bound_by": verdict, "workloads": {workload: {"phases": phases}}}}}


def trial(rate=100_000.0, of=None, **fields):
    """Returns a trial in which Little's law holds: 100 000 requests/s of 640 µs occupy the 64 connections of cell()."""
    run = {
        "requests": int(rate),
        "seconds": 1.0,
        "requests_per_second": rate,
        "cpu_us_per_request": 5.0,
        "server_busy": 0.99,
        "load_busy": 0.9,
        "errors": {"read": 0, "status": 0},
        "wrk_latency_us": LATENCIES,
        "raw_latency_us": {**LATENCIES, "mean": 64e6 / rate},
        "raw_percentiles": [[0, 500.0], [50, 600.0], [100, 1000.0]],
        "resident_bytes": 10 << 20,
    }
    more = {"startup_seconds": 0.01, "peak_resident_bytes": 11 << 20}
    more |= {"voluntary_switches": 10, "involuntary_switches": 20, "stats": of and stats(of, "json")}
    for name, value in fields.items():
        (run if name in Run.__dataclass_fields__ else more)[name] = value
    return Trial(run=Run(**run), **more)
