"""A document of results in the driver's format. Its figures are made up, but consistent with each other.

The document has everything that the report can show: peers, loads of all kinds, cells that are invalid, unsupported or
failed, differences that are noise, and claims.
"""

import random
import statistics

ROUNDS = 5
MODELS = {
    # language, requests/s, µs in each phase (queue, gil, handler, return, write), bottleneck
    "uv-loop": ("C", 186_000, (0.1, 0, 0.4, 0.3, 3.1), "loop"),
    "uv-pool": ("C", 121_000, (9.0, 0, 0.6, 5.5, 3.3), "loop"),
    "py-inline": ("Python", 178_000, (0.4, 0.2, 1.1, 0.3, 3.2), "loop"),
    "py-threads": ("Python", 163_000, (6.2, 4.9, 1.4, 4.1, 3.4), "gil"),
    "py-asyncio": ("Python", 141_000, (7.5, 1.9, 3.4, 5.2, 3.5), "loop"),
    "py-subinterp": ("Python", 148_000, (7.0, 0.3, 1.5, 5.8, 3.5), "cpu"),
}
PEERS = {
    "express": ("JavaScript", 9_100),
    "fastapi-uvicorn": ("Python", 14_800),
    "node-http": ("JavaScript", 69_000),
    "nginx": ("C", 185_500),
}
WORKLOADS = {
    "plaintext": ("GET", "/plaintext", 13, "a literal: what a request costs by itself", 1.0),
    "json": ("GET", "/json", 27, "a small object, serialised for each request", 0.94),
    "sleep": ("GET", "/sleep?ms=10", 15, "10 ms of waiting without using the CPU: I/O", 0.035),
    "primes": ("GET", "/primes?n=1000", 23, "a plain loop: computing", 0.12),
}
CONNECTIONS = (1, 4, 16, 64, 256, 1024, 4096)
RATES = (1000, 10_000, 20_000, 40_000, 80_000, 120_000, 140_000, 160_000)
IDLE = (0, 1000, 10_000)
QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0)
COMPARED = ("requests_per_second", "client_p50_seconds", "client_p99_seconds", "cpu_seconds_per_request")
COMPARED += ("resident_bytes", "startup_seconds")


def figure(draw, value, noise=0.02, rounds=ROUNDS):
    values = [value * (1 + draw.uniform(-noise, noise)) for _ in range(rounds)]
    middle = statistics.median(values)
    half = (max(values) - min(values)) / 2
    spread = half / middle if middle else 0.0
    return {"median": middle, "low": min(values), "high": max(values), "spread": spread, "values": values}


def against(ours, theirs):
    apart = ours["low"] > theirs["high"] or ours["high"] < theirs["low"]
    return {
        "ratio": ours["median"] / theirs["median"],
        "low": ours["low"] / theirs["high"],
        "high": ours["high"] / theirs["low"],
        "p": 0.008 if apart else 0.42,
        "significant": apart,
    }


def tail(quantile):
    """Returns the latency at that quantile, as a multiple of the median."""
    return 0.35 + 0.65 * (quantile / 0.5) if quantile <= 0.5 else (0.5 / (1 - min(quantile, 0.99995))) ** 0.33


def curve(median_seconds):
    return [[quantile, median_seconds * tail(quantile)] for quantile in QUANTILES]


def latencies(draw, clock, middle, rounds):
    quantiles = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
    return {f"{clock}_{key}_seconds": figure(draw, middle * tail(q), 0.04, rounds) for key, q in quantiles.items()}


def capacity(server, workload, connections):
    """Returns the requests/s that the server can answer at most with so many connections."""
    peak = (MODELS[server][1] if server in MODELS else PEERS[server][1]) * WORKLOADS[workload][4]
    if workload == "sleep":
        return min(peak, connections * 95)
    return peak * connections / (connections + 3) * (1 - 0.08 * connections / 4096)


def load_figures(draw, server, workload, connections, rate, rounds):
    most = capacity(server, workload, connections)
    if rate is None:
        return most, connections / most / 1.2
    used = min(rate / most, 0.98)
    late = max(0, rate / most - 1) * 1.5
    return min(rate, most), 60e-6 / (1 - used) + late


def measured(draw, cell, rounds):
    server, workload, connections, rate = (cell[key] for key in ("server", "workload", "connections", "rate"))
    answered, middle = load_figures(draw, server, workload, connections, rate, rounds)
    base = 61e6 if server in PEERS else 9e6 if server.startswith("uv") else 14e6 + 2e6 * len(server)
    resident = base + 9_000 * connections + 2_400 * cell["idle"]
    noise = 0.004 if rate else 0.02
    figures = {
        "requests_per_second": figure(draw, answered, noise, rounds),
        "cpu_seconds_per_request": figure(draw, 0.97 / capacity(server, workload, 256), 0.02, rounds),
        "resident_bytes": figure(draw, resident, 0.01, rounds),
        "peak_resident_bytes": figure(draw, resident * 1.08, 0.01, rounds),
        "startup_seconds": figure(draw, 0.011 if server.startswith("uv") else 0.034, 0.1, rounds),
        "voluntary_switches_per_request": figure(draw, 0.031, 0.2, rounds),
        "involuntary_switches_per_request": figure(draw, 0.0, 0.2, rounds),
        "server_busy": figure(draw, 0.98, 0.01, rounds),
        "load_busy": figure(draw, 0.61, 0.05, rounds),
        "client_mean_seconds": figure(draw, middle * 1.2, 0.03, rounds),
        **latencies(draw, "client", middle, rounds),
        **latencies(draw, "wrk" if rate is None else "sent", middle * 0.93, rounds),
    }
    if server in MODELS:
        figures |= latencies(draw, "server", middle * 0.6, rounds)
    cell |= {
        "state": "measured",
        "figures": figures,
        "percentiles": {
            "server": curve(middle * 0.6)[2:] if server in MODELS else None,
            "client": curve(middle),
        },
    }
    if server in MODELS:
        scale = connections / 64
        extra = {"sleep": 0.0101, "primes": 48e-6}.get(workload, 0)
        parts = [us * 1e-6 * (scale if place in (0, 3) else 1) for place, us in enumerate(MODELS[server][2])]
        parts[2] += extra
        cell["phases"] = dict(zip(("queue", "gil", "handler", "return", "write"), parts, strict=True))
        verdict = "sleep" if workload == "sleep" else MODELS[server][3]
        cell["bound_by"] = {"verdict": verdict, "because": f"made up: it is the {verdict} that is used up"}
    return cell


def empty(server, workload, connections=64, rate=None, idle=0, cores="split"):
    where = {"server": server, "workload": workload, "connections": connections, "rate": rate, "idle": idle}
    nothing = {"reason": None, "invalid": [], "figures": {}, "against": None}
    return {
        **where,
        "cores": cores,
        "state": "unsupported",
        **nothing,
        "phases": None,
        "bound_by": None,
        "percentiles": None,
    }


def compare(cells, baseline):
    for cell in cells:
        load = [cell[key] for key in ("workload", "connections", "rate", "idle", "cores")]
        for other in cells:
            same = [other[key] for key in ("workload", "connections", "rate", "idle", "cores")] == load
            if same and other["server"] == baseline and cell is not other and cell["figures"] and other["figures"]:
                cell["against"] = {key: against(cell["figures"][key], other["figures"][key]) for key in COMPARED}


def server(name):
    if name in MODELS:
        return {
            "kind": "tandem",
            "title": f"tandem {name}",
            "language": MODELS[name][0],
            "about": "a model, made up",
            "command": f"tandem --mode {name}",
            "versions": ["tandem 0.1.0 (CPython 3.12.1, libuv 1.44.2)"],
        }
    return {
        "kind": "peer",
        "title": {"express": "Express", "fastapi-uvicorn": "FastAPI with uvicorn"}.get(name, name),
        "language": PEERS[name][0],
        "about": "what people compare today",
        "command": f"run {name} --port {{port}}",
        "versions": [f"{name} 5.1.0"],
    }


def case(label, measured, low, high, unit, verdict, because=None):
    cell = {"server": "express", "workload": "json", "connections": 400, "rate": None, "idle": 0, "cores": "split"}
    return {
        "label": label,
        "measured": measured,
        "low": low,
        "high": high,
        "unit": unit,
        "threshold": {"low": 30, "high": 60} if unit == "%" else {"low": None, "high": 60e6},
        "verdict": verdict,
        "because": because,
        "figure": "requests_per_second" if unit == "%" else "resident_bytes",
        "measure": "percent more" if unit == "%" else "value",
        "of": cell,
        "to": cell | {"server": "fastapi-uvicorn"} if unit == "%" else None,
    }


def claims():
    yield {
        "id": "requests",
        "quote": "Node.js handled far more requests per second",
        "article": "+44.9 %",
        "about": "a small JSON object, 400 connections",
        "verdict": "depends",
        "because": "holds for uv-loop against py-threads; not for Express against FastAPI",
        "cases": [
            case("Express against FastAPI", -38.5, -39.9, -37.0, "%", "does not"),
            case("uv-loop against py-threads", 44.1, 39.8, 45.6, "%", "holds"),
            case(
                "uv-loop against py-inline",
                34.1,
                19.8,
                None,
                "%",
                "open",
                "uv-loop: the load generator was the bottleneck",
            ),
            case("with a database", None, None, None, "%", "not measured", "not among the cells that were measured"),
        ],
    }
    yield {
        "id": "memory",
        "quote": "Python needs less memory",
        "article": "41 MB against 87 MB",
        "about": "resident memory at the end of the load",
        "verdict": "holds",
        "because": "holds in the one case",
        "cases": [case("FastAPI", 41.2e6, 40.9e6, 41.5e6, "bytes", "holds")],
    }


def cells_of(draw, rounds):
    for workload in WORKLOADS:
        for name in (*MODELS, *PEERS):
            cell = empty(name, workload)
            if name == "nginx" and workload != "plaintext":
                yield cell | {"reason": f"nginx has no {workload}"}
            elif (name, workload) == ("node-http", "primes"):
                yield cell | {"state": "failed", "reason": "node-http answers /primes with status 500, not with 200"}
            else:
                yield measured(draw, cell, rounds)
    for connections in CONNECTIONS:
        for name in MODELS if connections != 64 else ():
            yield measured(draw, empty(name, "plaintext", connections), rounds)
    for rate in RATES:
        for name in MODELS:
            yield measured(draw, empty(name, "plaintext", 256, rate), rounds)
    for idle in IDLE[1:]:
        for name in ("uv-loop", "py-threads", "py-asyncio"):
            yield measured(draw, empty(name, "plaintext", 64, None, idle), rounds)
    for name in MODELS:
        yield measured(draw, empty(name, "primes", 64, None, 0, "shared"), rounds)


def document(rounds=ROUNDS, seed=1):
    draw = random.Random(seed)
    cells = list(cells_of(draw, rounds))
    compare(cells, "py-threads")
    invalidate(cells, "uv-loop", "json", "load", "the load generator's core was 99% busy, the server's 80%")
    invalidate(cells, "py-asyncio", "plaintext", "spread", "requests/s spread by ± 14% from round to round")
    return {
        "schema": 2,
        "experiment": {
            "name": "made-up",
            "title": "tandem's models and the peers",
            "baseline": "py-threads",
            "seed": seed,
            "rounds": rounds,
            "seconds": 1.5,
            "warm_up_seconds": 0.3,
        },
        "environment": {
            "date": "2026-01-02T03:04:05+00:00",
            "tandem": "tandem 0.1.0 (CPython 3.12.1, libuv 1.44.2, libmicrohttpd 0.9.75)",
            "python": "CPython 3.12.1 built with PGO, without LTO",
            "wrk": "wrk debian/4.1.0-3+b2 [epoll]",
            "kernel": "Linux 6.1.0",
            "cpu": "AMD EPYC 7763 64-Core Processor",
            "cores": 2,
            "placement": "server on core 0, load generator on core 1",
            "flags": ["peers"],
        },
        "servers": {name: server(name) for name in (*MODELS, *PEERS)},
        "workloads": {
            name: {"method": method, "path": path, "answer_bytes": size, "about": about}
            for name, (method, path, size, about, _) in WORKLOADS.items()
        },
        "rules": {
            "answers": "every request was answered, with 200",
            "load": "the load generator's core had time left, or the server's had none either",
            "spread": "requests/s differ by no more than ± 10 % from round to round",
        },
        "cells": cells,
        "claims": list(claims()),
    }


def invalidate(cells, name, workload, rule, because):
    for cell in cells:
        if (cell["server"], cell["workload"], cell["connections"]) == (name, workload, 64) and cell["idle"] == 0:
            cell["invalid"] = [{"rule": rule, "because": because}]
