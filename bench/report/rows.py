"""The table of one load as data, with its columns and contents, for every output format."""

from dataclasses import dataclass

from bench.report import cells, units

ABBREVIATED = {"p50": "p50", "p90": "p90", "p99": "p99", "p999": "p99.9", "max": "max", "mean": "mean"}


@dataclass(frozen=True)
class Column:
    key: str
    heading: str
    group: str = ""
    text: object = None  # converts a number to text
    kind: str = "figure"  # or "against", "bound_by"
    brief: bool = False  # also shown where there is room for few columns only
    interval: bool = False  # shown with its interval


@dataclass(frozen=True)
class Item:
    """The content of a table cell: the text, smaller text beside it, and the exact figure if there is one."""

    text: str
    detail: str = ""
    cell: int | None = None
    figure: str | None = None
    value: float | None = None
    title: str = ""


CLOCKS = {
    "client": "latency by the load generator, ms",
    "sent": "from when it was sent, ms",
    "server": "latency by the server, ms",
    "wrk": "latency by wrk, rewritten, ms",
}
CLIENT_OPEN = "latency from when it was due, ms"


def latency(clock, *names, group=None, brief=()):
    return [
        Column(
            f"{clock}_{name}_seconds",
            ABBREVIATED[name],
            group or CLOCKS[clock],
            units.milliseconds,
            brief=name in brief,
        )
        for name in names
    ]


def columns(load):
    client = CLOCKS["client"] if load.rate is None else CLIENT_OPEN
    return [
        Column("requests_per_second", "requests/s", "", units.count, brief=True, interval=True),
        Column("requests_per_second", "against", "", kind="against", brief=True),
        *latency("client", "p50", "p99", "p999", group=client, brief=("p50", "p99")),
        *latency("sent", "p50", "p99"),
        *latency("server", "p50", "p99", brief=("p99",)),
        *latency("wrk", "p50", "p99"),
        Column("cpu_seconds_per_request", "µs/request", "CPU", units.microseconds, brief=True),
        Column("resident_bytes", "at the end", "memory, MB", units.megabytes, brief=True),
        Column("peak_resident_bytes", "at most", "memory, MB", units.megabytes),
        Column("startup_seconds", "ms", "startup", units.milliseconds, brief=True),
        Column("voluntary_switches_per_request", "voluntary", "switches/request", units.digits),
        Column("involuntary_switches_per_request", "involuntary", "switches/request", units.digits),
        Column("bound_by", "bound by", "", kind="bound_by", brief=True),
    ]


def figure_item(cell, column):
    figure = cell["figures"].get(column.key)
    if figure is None:
        return Item("")
    rounds = len(figure["values"])
    if rounds == 1:
        return Item(
            column.text(figure["median"]), "one round", cell["index"], column.key, figure["median"], "one round"
        )
    span = f"{column.text(figure['low'])}\N{EN DASH}{column.text(figure['high'])}" if column.interval else ""
    title = f"median of {rounds} rounds; 95 % interval {figure['low']!r} to {figure['high']!r}"
    return Item(column.text(figure["median"]), span, cell["index"], column.key, figure["median"], title)


def difference_item(against):
    """Returns the Item for a result of significance.against(): the change in percent, or ~ if it may be noise, always
    with the interval."""
    if against is None:
        return Item("")
    text = f"{units.signed(units.change(against['ratio']))}{units.NBSP}%" if against["significant"] else "~"
    return Item(text, units.interval(against), title=f"p = {against['p']:.3g} (Mann-Whitney U)")


def against_item(cell, column, baseline):
    if cell["server"] == baseline:
        return Item("baseline")
    return difference_item((cell["against"] or {}).get(column.key))


def item(cell, column, baseline):
    if column.kind == "against":
        return against_item(cell, column, baseline)
    if column.kind == "bound_by":
        found = cell["bound_by"]
        return Item(found["verdict"], title=found["because"]) if found else Item("")
    return figure_item(cell, column)


@dataclass(frozen=True)
class Row:
    server: str
    state: str
    invalid: bool
    items: tuple  # one per column; empty if the cell was not measured
    reason: str | None


@dataclass(frozen=True)
class LoadTable:
    load: cells.Load
    baseline: str | None
    columns: tuple
    rows: tuple
    notes: tuple  # (mark, server, text)

    def groups(self):
        """Returns ``[[heading, number of columns]]``. Adjacent columns of one group are merged."""
        found = []
        for column in self.columns:
            if found and column.group and found[-1][0] == column.group:
                found[-1][1] += 1
            else:
                found.append([column.group, 1])
        return found


def notes_of(cell):
    if cell["state"] != "measured":
        yield ("n/a" if cell["state"] == "unsupported" else "failed", cell["server"], cell["reason"])
    for one in cell["invalid"]:
        yield ("!", cell["server"], f"{one['rule']}: {one['because']}")


def order(cell):
    """Sort key: the fastest first, unmeasured cells last."""
    rate = cells.median(cell, "requests_per_second")
    return (rate is None, -(rate or 0), cell["index"])


def table(document, load, found, brief=False):
    """Returns the LoadTable of these cells, which all belong to one load."""
    baseline = cells.baseline_name(document, found)
    used = []
    for column in columns(load):
        filled = any(item(cell, column, baseline).text for cell in cells.measured(found))
        if filled and (column.brief or not brief):
            used.append(column)
    rows = [
        Row(
            cell["server"],
            cell["state"],
            bool(cell["invalid"]),
            tuple(item(cell, column, baseline) for column in used) if cell["state"] == "measured" else (),
            cell["reason"],
        )
        for cell in sorted(found, key=order)
    ]
    notes = [note for cell in sorted(found, key=order) for note in notes_of(cell)]
    return LoadTable(load, baseline, tuple(used), tuple(rows), tuple(notes))


def tables(document, workload):
    """Returns the LoadTables of the workload, the main load's first."""
    loads = cells.by_load(document, workload)
    main = cells.main_load(loads)
    return [table(document, load, loads[load]) for load in (main, *(load for load in loads if load != main))]
