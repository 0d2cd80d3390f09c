"""Access to a document of results: the cells, grouped by load, their names, and the facts about the environment."""

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
    """Returns the key that identifies the cell in its document, and finds the same cell in another document."""
    return (cell["server"], *load_of(cell))


def facts(document, *names):
    """Returns these facts about the environment, without those that the document lacks, as older ones do."""
    return [document["environment"][name] for name in names if name in document["environment"]]


def numbered(document):
    """Returns the cells, each with its position in the document as "index"."""
    return [{**cell, "index": index} for index, cell in enumerate(document["cells"])]


def by_load(document, workload):
    """Returns ``{Load: [cell, …]}`` of the workload, with the loads in reading order."""
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
    """True if the cell broke the rule "load" only. Its rate is then a lower bound of the server's capacity."""
    return {one["rule"] for one in cell["invalid"]} == {"load"}


def workloads_of(document):
    """Returns the workloads that have cells, in the document's order."""
    used = {cell["workload"] for cell in document["cells"]}
    return [name for name in document["workloads"] if name in used]


def main_load(loads, near=MAIN_CONNECTIONS):
    """Returns the load under which the workload is shown first.

    The order of preference is: a closed loop, no idle connections, most measured servers, separate cores, a number of
    connections close to ``near``, a high rate.
    """
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
    """Returns ``(Load, cells)`` of the workload's main load."""
    loads = by_load(document, workload)
    load = main_load(loads)
    return load, loads[load]


def median(cell, figure):
    found = cell["figures"].get(figure)
    return None if found is None else found["median"]


def baseline_name(document, cells):
    """Returns the name of the server with which these cells of one load are compared. None if there is no baseline, if
    the cells have different ones, or if it is not among them."""
    overall = document["experiment"]["baseline"]
    names = {cell.get("baseline", overall) for cell in cells}
    name = names.pop() if len(names) == 1 else None
    return name if name in {cell["server"] for cell in cells} else None


def baseline_of(document, cells):
    """Returns the baseline's cell, or None if it was not measured."""
    name = baseline_name(document, cells)
    return next((cell for cell in measured(cells) if cell["server"] == name), None)
