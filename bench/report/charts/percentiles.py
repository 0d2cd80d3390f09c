"""Latency by quantile: the slow requests beside the median."""

import math

from bench.report import cells, units
from bench.report.charts import axis
from bench.report.charts.style import Canvas, chart, legend_rows, looks

TICKS = ((0.0, "0"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %"))
CLOCKS = {"client": "as the load generator measured it", "server": "as the server measured it"}


def place(quantile):
    """Returns the position on an axis on which each additional nine has the same width."""
    return -math.log10(1 - quantile)


def points(curve):
    """Returns the points of a curve. The maximum has no place on the quantile axis and latencies of zero have none on
    the logarithmic latency axis, so both are left out."""
    return [(place(quantile), seconds) for quantile, seconds in curve or () if quantile < 1 and seconds > 0]


def curves(shown, clock):
    return [(cell, points(cell["percentiles"][clock])) for cell in shown if points(cell["percentiles"][clock])]


def draw(document, shown, clocks, width):
    columns = 2 if width < 500 else 4
    rows = legend_rows(len(shown), columns)
    canvas = Canvas(width, (250 * len(clocks) if width < 500 else 320) + 40 + 18 * rows)
    style, handles = looks(document), {}
    panels = canvas.panels(len(clocks), sharey=True)
    last = 0
    for axes, clock in zip(panels, clocks, strict=True):
        for cell, curve in curves(shown, clock):
            look = style[cell["server"]]
            label = cell["server"] + (" !" if cell["invalid"] else "")
            few = len(curve) <= 30
            (line,) = axes.plot(
                *zip(*curve, strict=True),
                color=look.colour,
                linestyle=look.line,
                marker=look.marker,
                markevery=None if few else max(len(curve) // 8, 1),
                markersize=4.5,
                markerfacecolor="none" if cell["invalid"] else look.colour,
                label=label,
            )
            handles.setdefault(cell["server"], line)
            last = max(last, curve[-1][0])
    for axes, clock in zip(panels, clocks, strict=True):
        ticks = [tick for tick in TICKS if place(tick[0]) <= last + 0.01]
        if canvas.narrow or len(clocks) > 1:
            ticks = [tick for tick in ticks if tick[0] != 0.0]
        axes.set_xticks([place(quantile) for quantile, _ in ticks], [text for _, text in ticks])
        axes.set_title(CLOCKS[clock])
        axis.logarithmic(axes.yaxis, units.duration)
    for axes in panels if canvas.narrow else panels[:1]:
        axes.set_ylabel("latency")
    panels[-1].set_xlabel("share of the requests that were no slower")
    canvas.legend([handles[cell["server"]] for cell in shown if cell["server"] in handles], columns)
    return canvas


def latency(document, workload):
    """Returns the chart of the workload's main load, or None if there are no curves."""
    load, found = cells.main(document, workload)
    shown = [cell for cell in cells.measured(found) if cell["percentiles"]]
    clocks = [clock for clock in CLOCKS if curves(shown, clock)]
    if not clocks:
        return None
    caption = (
        f"Latency by quantile, {load}, of the round whose rate is the median; both axes are logarithmic. "
        + "As the load generator measured it: from the sending of a request, wrk's rewriting undone. "
        * (load.rate is None)
        + "As the load generator measured it: from when a request was due. " * (load.rate is not None)
        + "As the server measured it (tandem only): from the reading of a head to the last byte handed to the kernel. "
        "The maximum is not shown."
    )
    names = ", ".join(cell["server"] for cell in shown)
    label = f"Line chart: latency by quantile, {load}, {' and '.join(CLOCKS[clock] for clock in clocks)}. {names}."
    return chart(f"percentiles-{workload}", label, caption, lambda width: draw(document, shown, clocks, width))
