"""The targets as tables on the terminal."""

from rich import box
from rich.markup import escape
from rich.table import Table

from bench.method import validity
from bench.report import units
from bench.targets.ratios import limit_text


def verdict(one):
    """Returns ``(measured, limit, verdict)`` of a result, as text."""
    if one["value"] is None:
        return "", "", "[red]not measured[/red]"
    return f"{one['value']:.3f}", limit_text(one), "[green]holds[/green]" if one["held"] else "[red]does not[/red]"


def medians_text(one):
    return ", ".join(f"{label} {units.digits(median)}" for label, median in one["medians"].items())


def targets_table(results):
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in ("target", "what", "measured", "limit", "", "medians"):
        table.add_column(header, justify="right" if header in ("measured", "limit") else "left")
    for one in results:
        table.add_row(
            one["name"],
            escape(one["what"]),
            *verdict(one),
            escape(medians_text(one)),
        )
    return table


def contests(results):
    """Returns each contest once, since several targets may belong to the same one."""
    return list({one["contest"]["title"]: one["contest"] for one in results if "contest" in one}.values())


def contest_table(contest):
    """Returns the table of a contest: the fastest server first, then those that were not measured, then the app
    alone."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=contest["title"], title_justify="left")
    for header in ("server", "requests/s", "rounds", "CPU µs/request", "server busy", "load busy", "RSS MB"):
        table.add_column(header, justify="left" if header == "server" else "right")
    by_rate = sorted(contest["servers"].items(), key=lambda item: -item[1]["requests_per_second"])
    for name, found in by_rate:
        table.add_row(
            name,
            rate_text(found),
            f"{in_figures(min(found['rounds']))} to {in_figures(max(found['rounds']))}",
            f"{found['cpu_us_per_request']:,.1f}",
            f"{found['server_busy']:.0%}",
            f"{found['load_busy']:.0%}",
            f"{found['resident_bytes'] / 1e6:.1f}",
        )
    for name, reason in contest["not_measured"].items():
        table.add_row(f"{name}: not measured: {escape(reason)}")
    if contest["app_alone_cpu_us"] is not None:
        table.add_row("the app alone, without a server", "", "", f"{contest['app_alone_cpu_us']:,.1f}")
    return table


def rate_text(found):
    """Writes the rate of a server. A ≥ marks one at which the load generator's core was at least 95 % busy."""
    return f"{'≥ ' if found['load_busy'] >= validity.BUSY else ''}{in_figures(found['requests_per_second'])}"


def in_figures(rate):
    return f"{rate:,.0f}" if rate >= 1000 else f"{rate:.1f}"


def show(console, results, environment):
    """Prints the tables, and at the end which targets were missed."""
    console.print(targets_table(results))
    for contest in contests(results):
        console.print(contest_table(contest))
    console.print("; ".join(environment[key] for key in ("placement", "kernel", "cpu", "tandem", "python")))
    if missed := [one["name"] for one in results if not one["held"]]:
        console.print(f"{len(missed)} of {len(results)} targets missed: {'; '.join(missed)}", markup=False)
