"""The bars: what docs/performance.md promises, each measured beside what it is compared with, in one run."""

import json

from rich import box
from rich.table import Table

from bench import bars_host, bars_models

ALL = {
    "models": bars_models.models_beside_nginx,
    "loops": bars_models.loops,
    "cores": bars_models.second_core,
    "coroutines": bars_models.sleeping_coroutines,
    "statistics": bars_models.statistics_on,
    "connections": bars_models.open_connections,
    "sleepers": bars_host.sleepers,
    "hung": bars_host.hung,
    "sleep": bars_host.sleeping_connections,
    "startup": bars_host.startup,
    "memory": bars_host.memory,
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
