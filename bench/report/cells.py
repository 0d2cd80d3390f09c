"""Reading a document of results: which cells belong together, and by what name."""

from typing import NamedTuple

MAIN_CONNECTIONS = 64


class Load(NamedTuple):
    workload: str
    connections: int
    rate: float | None
    idle: int
    cores: str

    def __str__(self):
        return f"{self.workload}, {self.without_workload()}"

    def without_workload(self):
        parts = [f"{self.connections:,} connection{'s' if self.connections != 1 else ''}"]
        parts += [f"{self.idle:,} more idle"] if self.idle else []
        parts += [f"{self.rate:,.0f} requests/s intended"] if self.rate is not None else []
        parts += ["all cores shared"] if self.cores == "shared" else []
        return ", ".join(parts)

    def order(self):
        return (self.cores, self.idle, self.rate is not None, self.rate or 0, self.connections)


def load_of(cell):
    return Load(*(cell[key] for key in Load._fields))


def key_of(cell):
    """What tells it from the others of its document, and finds it again in another document."""
    return (cell["server"], *load_of(cell))


def numbered(document):
    """The cells, each with the place that it has in the document as "index"."""
    return [{**cell, "index": index} for index, cell in enumerate(document["cells"])]


def by_load(document, workload):
    """``{Load: [cell, …]}`` of the workload, the loads in an order to be read in."""
    found = {}
    for cell in numbered(document):
        if cell["workload"] == workload:
            found.setdefault(load_of(cell), []).append(cell)
    return dict(sorted(found.items(), key=lambda item: item[0].order()))


def measured(cells):
    return [cell for cell in cells if cell["state"] == "measured"]


def valid(cells):
    return [cell for cell in measured(cells) if not cell["invalid"]]


def limited_by_load(cell):
    """Whether the load alone is amiss: then the rate is a lower bound of what the server can do."""
    return {one["rule"] for one in cell["invalid"]} == {"load"}


def workloads_of(document):
    """Those that have cells, in the document's order."""
    used = {cell["workload"] for cell in document["cells"]}
    return [name for name in document["workloads"] if name in used]


def main_load(loads, near=MAIN_CONNECTIONS):
    """The load that the workload's first figures are shown under: a closed loop without idle connections if there is
    one, the one with most servers measured, as near that many connections as can be."""
    return min(
        loads,
        key=lambda load: (
            load.rate is not None,
            load.idle > 0,
            -len(measured(loads[load])),
            load.cores == "shared",
            abs(load.connections - near),
            -(load.rate or 0),
        ),
    )


def main(document, workload):
    """``(Load, cells)`` of that load."""
    loads = by_load(document, workload)
    load = main_load(loads)
    return load, loads[load]


def median(cell, figure):
    found = cell["figures"].get(figure)
    return None if found is None else found["median"]


def baseline_name(document, cells):
    """The server that these cells of one load are compared with; None if there is none, or not one for all."""
    overall = document["experiment"]["baseline"]
    names = {cell.get("baseline", overall) for cell in cells}
    name = names.pop() if len(names) == 1 else None
    return name if name in {cell["server"] for cell in cells} else None


def baseline_of(document, cells):
    """Its cell, or None where that was not measured."""
    name = baseline_name(document, cells)
    return next((cell for cell in measured(cells) if cell["server"] == name), None)
