"""The comparison as tables on the terminal: each workload's main load in full, the others with a row per server."""

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bench.report import cells, rows, sentences, units

GROUPS = {
    "latency by the load generator, ms": "",
    "latency from when it was due, ms": "",
    "latency by the server, ms": "server ",
}
NOTE = (
    "req/s: the median of the rounds. In brackets: the 95 % interval of a difference in percent; ~: it may be noise\n"
    "(Mann-Whitney U, p ≥ 0.05). p50, p99: latency in ms as the load generator measured it; server p99: tandem's\n"
    "own, from a head's being read. µs/req: CPU time of the server. MB: resident at the end. startup: ms\n"
    "until the first 200."
)
HEADINGS = {
    "requests_per_second": "req/s",
    "cpu_seconds_per_request": "µs/req",
    "resident_bytes": "MB",
    "startup_seconds": "startup",
}


def heading(column, table):
    if column.kind == "against":
        return f"vs {table.baseline or 'its baseline'}"
    return HEADINGS.get(column.key) or GROUPS.get(column.group, "") + column.heading


def new_table():
    return Table(box=box.SIMPLE_HEAD, pad_edge=False)


def show_table(console, title, made):
    """Prints the title on its own line, which may be wider than the table. It is Text, so that names are not taken for
    markup."""
    console.print(Text(title, "bold"))
    console.print(made)


def named(server, invalid):
    return Text.assemble(server, (" !", "red") if invalid else "")


def full_table(table):
    made = new_table()
    made.add_column("server", no_wrap=True)
    for column in table.columns:
        made.add_column(Text(heading(column, table)), justify="right", no_wrap=True)
    for row in table.rows:
        if not row.items:
            mark = "n/a" if row.state == "unsupported" else row.state
            made.add_row(Text(row.server), Text(mark, "dim"))
            continue
        items = [
            Text.assemble(item.text, (f" {item.detail}", "dim") if column.kind == "against" and item.detail else "")
            for column, item in zip(table.columns, row.items, strict=True)
        ]
        made.add_row(named(row.server, row.invalid), *items)
    return made


def in_brief(cell):
    """Returns a cell's content for a narrow column, for example "188k 1.1 ms"."""
    if cell["state"] != "measured":
        return Text("n/a" if cell["state"] == "unsupported" else cell["state"], "dim")
    rate, p99 = (cells.median(cell, figure) for figure in ("requests_per_second", "client_p99_seconds"))
    parts = [units.short(rate), (f" {units.duration(p99)}" if p99 is not None else "", "dim")]
    return Text.assemble(*parts, (" !", "red") if cell["invalid"] else "")


def differing(loads):
    """Returns a function that names a load in a column heading, by the dimensions in which the loads differ."""
    keys = [key for key in cells.Load._fields if len({getattr(load, key) for load in loads}) > 1] or ["connections"]
    return lambda load: "\n".join(shown(key, getattr(load, key)) for key in keys)


def shown(key, value):
    if key == "rate":
        return "closed" if value is None else f"{units.short(value)}/s"
    return f"{value:,} {'conn.' if key == 'connections' else 'idle'}"


def sweep_table(loads):
    """Returns a table with a row per server and a column per load."""
    made = new_table()
    made.add_column("server", no_wrap=True)
    name_of = differing(loads)
    for load in loads:
        made.add_column(Text(name_of(load)), justify="right")
    for server in dict.fromkeys(cell["server"] for found in loads.values() for cell in found):
        by_load = ({cell["server"]: cell for cell in found}.get(server) for found in loads.values())
        made.add_row(Text(server), *(in_brief(cell) if cell else "" for cell in by_load))
    return made


def families(loads):
    """Groups the loads besides the main one into ``{(kind, cores): {Load: [cell, …]}}``. The kinds are closed loops,
    closed loops with idle connections, and open loops."""
    found = {}
    for load, members in loads.items():
        kind = "at fixed rates" if load.rate is not None else "with idle connections" if load.idle else "other loads"
        found.setdefault((kind, load.cores), {})[load] = members
    return found


def show_notes(console, notes, about=""):
    for mark, server, because in notes:
        console.print(f"  [red]{mark}[/red] {escape(server)}{about}: {escape(because)}", highlight=False)


def show_workload(console, document, workload):
    loads = cells.by_load(document, workload)
    main = cells.main_load(loads)
    table = rows.table(document, main, loads.pop(main), brief=True)
    show_table(console, str(main), full_table(table))
    show_notes(console, table.notes)
    for (kind, cores), family in families(loads).items():
        where = ", all cores shared" if cores == "shared" else ""
        show_table(console, f"{workload} {kind}{where}: req/s and p99", sweep_table(family))
        for load, found in family.items():
            for cell in found:
                show_notes(console, rows.notes_of(cell), f" ({load.without_workload()})")


def show(console, document):
    """Prints the tables, the answers and the facts about the environment."""
    for workload in cells.workloads_of(document):
        show_workload(console, document, workload)
    for answer in sentences.answers(document):
        console.print(Text.assemble((f"{answer['workload']}: ", "bold"), sentences.plain(answer["parts"])))
    console.print()
    if few := sentences.too_few(document["experiment"]["rounds"]):
        console.print(Text(f"Differences between the servers: {few}.", "bold"))
    console.print(Text(NOTE, "dim"))
    facts = cells.facts(document, "placement", "kernel", "cpu", "tandem", "python")
    console.print(Text("; ".join(facts), "dim"))
