"""The article's table with tandem's measurements: two servers beside each other, and the difference."""

from dataclasses import dataclass

from bench.method import significance
from bench.report import cells, units
from bench.report.rows import Item, difference_item

PAIRS = (("express", "fastapi-uvicorn"), ("uv-loop", "py-threads"))
WORKLOADS = ("json", "plaintext")
CONNECTIONS = 400  # the article's number; the nearest one that was measured is shown
FIGURES = (
    ("requests_per_second", "requests/s", units.count),
    ("client_p50_seconds", "latency p50, ms", units.milliseconds),
    ("client_p99_seconds", "latency p99, ms", units.milliseconds),
    ("resident_bytes", "memory, MB", units.megabytes),
    ("startup_seconds", "startup, s", units.digits),
)


@dataclass(frozen=True)
class Pair:
    workload: str
    load: cells.Load
    servers: tuple
    titles: tuple
    rows: tuple  # (label, Item, Item, Item of the difference)
    notes: tuple


def find(document, servers):
    """Returns ``(load, first, second)`` of the first workload for which both servers were measured, or None."""
    for workload in WORKLOADS:
        loads = {
            load: found
            for load, found in cells.by_load(document, workload).items()
            if load.rate is None and set(servers) <= {cell["server"] for cell in cells.measured(found)}
        }
        if loads:
            load = cells.main_load(loads, near=CONNECTIONS)
            by_name = {cell["server"]: cell for cell in loads[load]}
            return load, *(by_name[server] for server in servers)
    return None


def difference(first, second, figure):
    values = (cell["figures"][figure]["values"] for cell in (first, second))
    return difference_item(significance.against(*values))


def figure_item(cell, figure, text):
    number = cells.median(cell, figure)
    mark = "\N{NO-BREAK SPACE}!" if cell["invalid"] else ""
    return Item(text(number) + mark, "", cell["index"], figure, number)


def pairs(document):
    """Returns a Pair for each of PAIRS that the document has."""
    found = []
    for servers in PAIRS:
        match = find(document, servers)
        if match is None:
            continue
        load, first, second = match
        rows = [
            (label, figure_item(first, key, text), figure_item(second, key, text), difference(first, second, key))
            for key, label, text in FIGURES
            if key in first["figures"] and key in second["figures"]
        ]
        notes = [(cell["server"], one["rule"], one["because"]) for cell in (first, second) for one in cell["invalid"]]
        titles = tuple(document["servers"][server]["title"] for server in servers)
        found.append(Pair(load.workload, load, servers, titles, tuple(rows), tuple(notes)))
    return found
