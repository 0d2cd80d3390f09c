"""The difference between two documents, cell by cell for the cells that both have."""

from dataclasses import dataclass

from rich.text import Text

from bench.method import significance
from bench.report import cells, sentences, table, units

FIGURES = {
    "requests_per_second": "req/s",
    "client_p99_seconds": "p99",
    "cpu_seconds_per_request": "CPU/request",
    "resident_bytes": "RSS",
}
ENVIRONMENT = ("kernel", "cpu", "cores", "placement", "tandem", "python", "wrk")
EXPERIMENT = ("seconds", "warm_up_seconds", "rounds")


@dataclass(frozen=True)
class Pair:
    """A cell that both documents have. ``figures`` is {figure: {"ratio", "low", "high", "p", "significant"}}, the ratio
    of b to a; None if one of the two has no such figure, or if a's has a zero."""

    server: str
    load: cells.Load
    figures: dict
    states: tuple  # of a and b
    invalid: tuple  # (bool, bool): true if a's or b's cell broke a rule


@dataclass(frozen=True)
class Difference:
    pairs: tuple
    only_a: tuple  # keys
    only_b: tuple
    environment: tuple  # (what, a's, b's)


def ratio(ours, theirs, figure):
    if figure not in ours["figures"] or figure not in theirs["figures"]:
        return None
    return significance.against(theirs["figures"][figure]["values"], ours["figures"][figure]["values"])


def environments(a, b):
    for part, keys in (("environment", ENVIRONMENT), ("experiment", EXPERIMENT)):
        for key in keys:
            ours, theirs = (document[part].get(key, "not recorded") for document in (a, b))
            if ours != theirs:
                yield (key, str(ours), str(theirs))
    for name in a["servers"]:
        if name not in b["servers"]:
            continue
        ours, theirs = a["servers"][name], b["servers"][name]
        if ours["command"] != theirs["command"]:
            yield (f"{name}: command", ours["command"], theirs["command"])
        if ours["versions"] != theirs["versions"]:
            yield (f"{name}: versions", "; ".join(ours["versions"]), "; ".join(theirs["versions"]))
    for name in a["workloads"]:
        for key in ("method", "path") if name in b["workloads"] else ():
            if a["workloads"][name][key] != b["workloads"][name][key]:
                yield (f"{name}: {key}", a["workloads"][name][key], b["workloads"][name][key])


def compare(a, b):
    """Returns the Difference from document a to document b."""
    before, after = ({cells.key_of(cell): cell for cell in document["cells"]} for document in (a, b))
    pairs = [
        Pair(
            cell["server"],
            cells.load_of(cell),
            {figure: ratio(cell, after[key], figure) for figure in FIGURES},
            (cell["state"], after[key]["state"]),
            (bool(cell["invalid"]), bool(after[key]["invalid"])),
        )
        for key, cell in before.items()
        if key in after
    ]
    return Difference(
        tuple(pairs),
        tuple(key for key in before if key not in after),
        tuple(key for key in after if key not in before),
        tuple(environments(a, b)),
    )


def item(pair, figure):
    against = pair.figures[figure]
    if against is None:
        return Text("n/a", "dim")
    if not against["significant"]:
        return Text.assemble("~ ", (units.interval(against), "dim"))
    change = f"{units.signed(units.change(against['ratio']))} % "
    return Text.assemble(change, (f"{units.interval(against)} p={against['p']:.2g}", "dim"))


def pairs_table(pairs):
    made = table.new_table()
    made.add_column("server", no_wrap=True)
    made.add_column("load")
    for heading in FIGURES.values():
        made.add_column(heading, justify="right")
    for pair in pairs:
        name = table.named(pair.server, any(pair.invalid))
        made.add_row(name, Text(pair.load.without_workload()), *(item(pair, figure) for figure in FIGURES))
    return made


def show_only(console, which, keys):
    if keys:
        console.print(Text(f"only in the {which}:", "bold"))
        for server, *load in keys:
            console.print(Text(f"  {server}: {cells.Load(*load)}"))


def show_doubts(console, pairs, documents):
    """Says for which reasons a difference may be none, and where nothing is compared at all."""
    unreliable = [pair for pair in pairs if any(pair.invalid)]
    if not pairs:
        console.print("no cell is in both")
    elif len(unreliable) == len(pairs):
        console.print(
            Text(
                "! every cell broke a rule in at least one of the runs, whose report names it: none is to be relied on",
                "red",
            )
        )
    elif unreliable:
        console.print(Text("! the cell is not to be relied on in one of them", "red"))
    if few := sentences.too_few(min(document["experiment"]["rounds"] for document in documents)):
        console.print(Text(f"Nothing here can be significant: {few}.", "bold"))


def show(console, a, b):
    """Prints and returns the difference."""
    found = compare(a, b)
    for workload in dict.fromkeys(pair.load.workload for pair in found.pairs):
        title = f"{workload}: what changed from the first to the second, with 95 % intervals"
        pairs = [pair for pair in found.pairs if pair.load.workload == workload]
        table.show_table(console, title, pairs_table(pairs))
    for pair in found.pairs:
        if pair.states[0] != pair.states[1]:
            console.print(Text(f"{pair.server}, {pair.load}: was {pair.states[0]}, is {pair.states[1]}"))
    show_doubts(console, found.pairs, (a, b))
    show_only(console, "first", found.only_a)
    show_only(console, "second", found.only_b)
    if found.environment:
        console.print(Text("made differently, so that not only the servers may make the difference:", "bold"))
        for what, ours, theirs in found.environment:
            console.print(Text(f"  {what}: {ours} → {theirs}"))
    console.print(Text("~: the difference may be noise (Mann-Whitney U, p ≥ 0.05)", "dim"))
    return found
