"""Throughput of each server under one load, with its interval."""

from bench.report import cells, units
from bench.report.charts.axis import at_most
from bench.report.charts.style import COLOURS, INK, MUTED, Canvas, chart, legend_rows, shortened

LANGUAGES = ("C", "Python", "JavaScript")
ROW = 25


def colour(language):
    return COLOURS[LANGUAGES.index(language)] if language in LANGUAGES else COLOURS[3]


def look(server, invalid):
    """Returns the style of a bar. Peers are hatched; cells that broke a rule are hollow and dashed."""
    shade = colour(server["language"])
    return {
        "facecolor": shade if server["kind"] == "tandem" and not invalid else "none",
        "edgecolor": shade,
        "hatch": None if server["kind"] == "tandem" else "///",
        "linewidth": 1.2,
        "linestyle": "--" if invalid else "-",
    }


def handles_of(document, shown):
    from matplotlib.patches import Patch

    servers = [document["servers"][cell["server"]] for cell in shown]
    languages = [name for name in LANGUAGES if any(server["language"] == name for server in servers)]
    languages += ["other languages"] if any(server["language"] not in LANGUAGES for server in servers) else []
    found = [Patch(facecolor=colour(name), label=name) for name in languages]
    if any(server["kind"] == "peer" for server in servers):
        found.append(Patch(facecolor="none", edgecolor=MUTED, hatch="///", label="a peer, not tandem"))
    if any(cell["invalid"] for cell in shown):
        found.append(Patch(facecolor="none", edgecolor=MUTED, linestyle="--", label="! not to be relied on"))
    return found


def draw(document, found, width):
    shown = sorted(cells.measured(found), key=lambda cell: cells.median(cell, "requests_per_second"))
    handles = handles_of(document, shown)
    columns = 2 if width < 500 else 5
    canvas = Canvas(width, 62 + ROW * len(shown) + 19 * legend_rows(len(handles), columns))
    (axes,) = canvas.panels(1)
    longest = max(cell["figures"]["requests_per_second"]["high"] for cell in shown) or 1
    for place, cell in enumerate(shown):
        figure = cell["figures"]["requests_per_second"]
        middle, low, high = figure["median"], figure["low"], figure["high"]
        axes.barh(place, middle, height=0.62, **look(document["servers"][cell["server"]], cell["invalid"]))
        axes.errorbar(middle, place, xerr=[[middle - low], [high - middle]], ecolor=INK, elinewidth=1.1, capsize=2.5)
        text = units.short(middle) if canvas.narrow else units.count(middle)
        axes.text(
            max(high, middle) + longest * 0.012, place, text + (" !" if cell["invalid"] else ""), va="center", size=10.5
        )
    names = [shortened(cell["server"], 16 if canvas.narrow else 30) for cell in shown]
    axes.set_yticks(range(len(shown)), names)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, longest * (1.24 if canvas.narrow else 1.13))
    axes.xaxis.set_major_locator(at_most(4 if canvas.narrow else 8))
    axes.xaxis.set_major_formatter(lambda value, _: units.short(value))
    axes.set_xlabel("requests/s")
    canvas.legend(handles, columns, longest=40)
    return canvas


def throughput(document, workload):
    """Returns the chart of the workload's main load, or None if nothing was measured."""
    load, found = cells.main(document, workload)
    shown = cells.measured(found)
    if not shown:
        return None
    each = ", ".join(f"{cell['server']} {units.count(cells.median(cell, 'requests_per_second'))}" for cell in shown)
    caption = (
        f"Requests per second, {load}: the median of the rounds; the line is its 95 % interval. "
        f"{len(shown)} of {len(found)} cells were measured."
    )
    return chart(
        f"bars-{workload}",
        f"Bar chart: requests per second, {load}. {each}.",
        caption,
        lambda width: draw(document, found, width),
    )
