"""The bars: what docs/performance.md promises, each measured beside what it is compared with, in one run."""

import json

from rich import box
from rich.table import Table

from bench.bars import host, models

ALL = {
    "models": models.models_beside_nginx,
    "loops": models.loops,
    "cores": models.second_core,
    "coroutines": models.sleeping_coroutines,
    "statistics": models.statistics_on,
    "connections": models.open_connections,
    "sleepers": host.sleepers,
    "hung": host.hung,
    "sleep": host.sleeping_connections,
    "startup": host.startup,
    "memory": host.memory,
}


def measure(names, progress):
    results = []
    for name in names:
        progress(ALL[name].__doc__.split("\n")[0])
        results += ALL[name]()
    return results


def show(console, results, environment):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("bar", "what", "measured", "limit", "", "medians"):
        table.add_column(header, justify="right" if header in ("measured", "limit") else "left")
    for one in results:
        table.add_row(
            one["name"],
            one["what"],
            f"{one['value']:.3f}",
            f"{'≤' if one['at_most'] else '≥'} {one['limit']:g}",
            "[green]holds[/green]" if one["held"] else "[red]does not[/red]",
            json.dumps({key: round(value, 4) for key, value in one["medians"].items()}),
        )
    console.print(table)
    console.print(f"{environment['placement']}; {environment['kernel']}; {environment['cpu']}; {environment['tandem']}")
