"""The comparison as tables on the terminal."""

from rich import box
from rich.table import Table

from bench.method.comparison import BASELINE


def duration(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"


def difference(value, baseline):
    return "" if baseline is None else f"{(value / baseline - 1) * 100:+.0f} %"


def add_row(table, cell, baseline):
    rate = f"{cell['requests_per_second']:,.0f}"
    wrk = cell["wrk_latency_us"]
    table.add_row(
        cell["model"] + (" [red]![/red]" if cell["failed_requests"] else ""),
        rate,
        f"± {cell['requests_per_second_spread'] * 100:.0f} %",
        difference(cell["requests_per_second"], baseline),
        duration(cell["latency_seconds"]["p50"]),
        duration(cell["latency_seconds"]["p99"]),
        duration(wrk["p50"] / 1e6),
        duration(wrk["p99"] / 1e6),
        f"{cell['cpu_us_per_request']:,.1f}",
        f"{cell['resident_bytes'] / (1 << 20):.1f}",
        duration(cell["startup_seconds"]),
    )


def workload_table(path, cells):
    table = Table(title=path, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model", no_wrap=True)
    for header in (
        *("req/s", "spread", f"vs {BASELINE}", "p50", "p99", "p50 by wrk*", "p99 by wrk*", "CPU µs/req", "RSS MiB"),
        "startup",
    ):
        table.add_column(header, justify="right")
    baselines = [cell["requests_per_second"] for cell in cells if cell["model"] == BASELINE]
    for cell in cells:
        add_row(table, cell, baselines[0] if baselines else None)
    return table


def show(console, cells, environment):
    for path in dict.fromkeys(cell["path"] for cell in cells):
        console.print(workload_table(path, [cell for cell in cells if cell["path"] == path]))
    console.print(
        "req/s: the median of the rounds; spread: half the distance between their extremes. p50 and p99: the server's\n"
        "own histogram, from a head's being read: what waits in the socket until then is not in it.\n"
        "* wrk's, which begins when the request is sent, and which wrk rewrites by a guess at coordinated omission.",
        style="dim",
    )
    if any(cell["failed_requests"] for cell in cells):
        console.print("[red]![/red] some requests failed or were not answered with 200: see results.json")
    console.print(f"{environment['placement']}; {environment['kernel']}; {environment['cpu']}; {environment['tandem']}")
