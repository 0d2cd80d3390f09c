"""The claims as a table on the terminal: claim, measurement, verdict."""

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

COLOURS = {"holds": "green", "does not": "red", "depends": "yellow", "open": "cyan", "not measured": "dim"}
BYTES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1))
NOTHING_JUDGED = "No claim is judged: none of the cells that bench/claims.toml compares was measured."
SECONDS = (("s", 1), ("ms", 1e-3), ("µs", 1e-6))


def coloured(verdict):
    return f"[{COLOURS[verdict]}]{verdict}[/]"


def scaled(number, units):
    """Writes the number in the largest unit in which it is at least 1, or else in the smallest unit."""
    name, size = next((one for one in units if abs(number) >= one[1]), units[-1])
    return f"{number / size:.3g} {name}"


def quantity(number, unit):
    if unit == "bytes":
        return scaled(number, BYTES)
    if unit == "seconds":
        return scaled(number, SECONDS)
    if unit == "%":
        return f"{number:,.0f} %"
    return f"{number:,.0f} {unit}" if unit == "requests/s" else f"{number:,.2f} {unit}".rstrip()


def interval(case):
    """Returns the interval to be shown after the measured value. An open end is an ellipsis; an exact value has no
    interval."""
    if case["low"] == case["high"] and case["low"] is not None:
        return ""
    ends = [quantity(case[end], case["unit"]) if case[end] is not None else "…" for end in ("low", "high")]
    return f"{ends[0]} to {ends[1]}"


def threshold(case):
    low, high = (end if end is None else quantity(end, case["unit"]) for end in case["threshold"].values())
    if low and high:
        return f"{low} to {high}"
    return f"≥ {low}" if low else f"≤ {high}"


def rows(claim):
    """Yields a row for the claim and a row for each case."""
    yield f"[bold]{claim['quote']}[/]", f"[bold]{claim['article']}[/]", "", "", coloured(claim["verdict"])
    for case in claim["cases"]:
        number = "" if case["measured"] is None else quantity(case["measured"], case["unit"])
        span = "" if case["measured"] is None else interval(case)
        yield f"  {case['label']}", threshold(case), number, span, coloured(case["verdict"])


def show(console, claims):
    if all(claim["verdict"] == "not measured" for claim in claims):
        console.print(Text(NOTHING_JUDGED, "bold"))
        return
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title="What is said, and what was measured", title_justify="left"
    )
    table.add_column("claim")
    table.add_column("said", justify="right")
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for claim in claims:
        for row in rows(claim):
            table.add_row(*row)
        table.add_section()
    console.print(table)
    for claim in claims:
        if claim["verdict"] == "depends":
            console.print(f"[bold]{claim['quote']}[/]: {coloured('depends')}: {claim['because']}", highlight=False)
    for note in notes(claims):
        console.print(f"[dim]{escape(note)}[/]", highlight=False)


def notes(claims):
    """Returns the reasons why cells are missing or cannot be relied on, each once."""
    reasons = (case["because"] for claim in claims for case in claim["cases"] if case["because"])
    return [f"* {reason}" for reason in dict.fromkeys(reasons)]
