"""Charts over a dimension of the load: throughput, latency and memory against connections, memory against idle
connections, latency and throughput against the rate."""

from dataclasses import dataclass

from bench.load.knee import knee as find_knee
from bench.report import cells, units
from bench.report.charts import axis
from bench.report.charts.style import INK, MUTED, Canvas, chart, legend_rows, looks

FEWEST = 2  # points that make a line


@dataclass(frozen=True)
class Panel:
    figure: str
    title: str
    text: object  # converts a number to its text on the axis
    equal: bool = False  # also draws the line y = x


THROUGHPUT = Panel("requests_per_second", "requests/s answered", units.short)
P99 = Panel("client_p99_seconds", "p99 latency, as the load generator measured it", units.duration)
DUE = Panel("client_p99_seconds", "p99 latency, from when it was due", units.duration)
ACHIEVED = Panel("requests_per_second", "requests/s answered", units.short, equal=True)
MEMORY = Panel("resident_bytes", "resident memory, MB", lambda size: units.short(size / 1e6))


@dataclass(frozen=True)
class Sweep:
    """Cells that differ only in their server and in one dimension of the load."""

    dimension: str
    fixed: str  # the rest of the load, in words
    lines: dict  # {server: [cell, …]}, ordered by that dimension

    def at(self):
        return sorted({cell[self.dimension] for line in self.lines.values() for cell in line})

    def cells(self):
        return [cell for line in self.lines.values() for cell in line]


def sweeps(document, workload, dimension):
    """Yields each Sweep that has a line."""
    others = [key for key in cells.Load._fields if key != dimension]
    groups = {}
    for cell in cells.measured(cells.numbered(document)):
        fits = cell["workload"] == workload and (cell["rate"] is not None) == (dimension == "rate")
        if fits:
            groups.setdefault(tuple(cell[key] for key in others), []).append(cell)
    for group in groups.values():
        lines = {}
        for cell in sorted(group, key=lambda cell: cell[dimension]):
            lines.setdefault(cell["server"], []).append(cell)
        lines = {name: lines[name] for name in document["servers"] if len(lines.get(name, ())) >= FEWEST}
        if lines:
            yield Sweep(dimension, fixed(workload, next(iter(lines.values()))[0], dimension), lines)


def fixed(workload, cell, dimension):
    parts = [workload]
    parts += [f"{cell['connections']:,} connections"] if dimension != "connections" else []
    parts += [f"{cell['idle']:,} more idle"] if dimension != "idle" and cell["idle"] else []
    parts += ["all cores shared"] if cell["cores"] == "shared" else []
    return ", ".join(parts)


def knee(line):
    """Returns the cell of the last rate that was sustained. None if even the highest rate was, or if the first was
    not."""
    shown = [cell for cell in line if "client_p99_seconds" in cell["figures"]]
    offered = [cells.median(cell, "offered_per_second") or cell["rate"] for cell in shown]
    found = [[cells.median(cell, name) for name in (ACHIEVED.figure, DUE.figure)] for cell in shown]
    last = find_knee([(rate, *one) for rate, one in zip(offered, found, strict=True)])
    return next((cell for cell, rate in zip(shown[:-1], offered, strict=False) if rate == last), None)


def draw_line(axes, panel, line, dimension, look):
    shown = [cell for cell in line if (cells.median(cell, panel.figure) or 0) > 0]
    if not shown:
        return None
    figures = [cell["figures"][panel.figure] for cell in shown]
    x, y = [cell[dimension] for cell in shown], [figure["median"] for figure in figures]
    errors = [[max(f["median"] - f["low"], 0) for f in figures], [max(f["high"] - f["median"], 0) for f in figures]]
    axes.errorbar(x, y, yerr=errors, fmt="none", ecolor=look.colour, elinewidth=1, capsize=2)
    (drawn,) = axes.plot(x, y, color=look.colour, linestyle=look.line, marker=look.marker, label=shown[0]["server"])
    invalid = [(a, b) for a, b, cell in zip(x, y, shown, strict=True) if cell["invalid"]]
    if invalid:
        axes.plot(*zip(*invalid, strict=True), linestyle="", marker="x", color=INK, markersize=8, zorder=5)
    return drawn


def dimension_axis(axes, sweep, narrow):
    at = sweep.at()
    if sweep.dimension == "idle":
        axes.set_xscale("symlog", linthresh=max(min(value for value in at if value), 1))
        axes.set_xlim(left=-0.05 * min(value for value in at if value))
        axes.set_xticks(at, [units.short(value) for value in at], minor=False)
        return
    room = 5 if narrow else 7
    steps = at if len(at) <= room and sweep.dimension == "connections" else None
    axis.logarithmic(axes.xaxis, units.short if sweep.dimension == "rate" else "{:,.0f}".format, steps)


def draw(document, sweep, panels, x_label, width):
    columns = 2 if width < 500 else 4
    rows = legend_rows(len(sweep.lines), columns)
    across = len(panels) if width >= 500 else 1
    canvas = Canvas(width, 245 * len(panels) // across + (55 if across > 1 else 0) + 40 + 18 * rows)
    style, handles = looks(document), {}
    for axes, panel in zip(canvas.panels(len(panels)), panels, strict=True):
        for name, line in sweep.lines.items():
            drawn = draw_line(axes, panel, line, sweep.dimension, style[name])
            if drawn is not None:
                handles.setdefault(name, drawn)
        dimension_axis(axes, sweep, canvas.narrow)
        if panel.equal:
            at = sweep.at()
            axes.plot((at[0], at[-1]), (at[0], at[-1]), color=MUTED, linewidth=1, linestyle=":", zorder=1)
        for name, line in sweep.lines.items() if sweep.dimension == "rate" else ():
            last = knee(line)
            if last is not None:
                at = (last["rate"], cells.median(last, panel.figure))
                axes.plot(*at, marker="o", markersize=12, markerfacecolor="none", color=style[name].colour)
        axis.logarithmic(axes.yaxis, panel.text)
        axes.set_title(panel.title)
        axes.set_xlabel(x_label)
    canvas.legend(list(handles.values()), columns)
    return canvas


def each(document, workload, dimension, panels, x_label, caption, note=""):
    """Returns a chart per Sweep."""
    found = []
    for number, sweep in enumerate(sweeps(document, workload, dimension)):
        wanted = [panel for panel in panels if any(panel.figure in cell["figures"] for cell in sweep.cells())]
        crossed = (
            " A cross marks a cell that is not to be relied on." if any(c["invalid"] for c in sweep.cells()) else ""
        )
        points = f"{', '.join(sweep.lines)}: {len(sweep.cells())} cells, the medians of the rounds with 95 % intervals."
        label = (
            f"Line chart: {' and '.join(panel.title for panel in wanted)} against {x_label}, {sweep.fixed}. {points}"
        )
        found.append(
            chart(
                f"{dimension}-{workload}-{number}-{panels[0].figure}",
                label,
                f"{caption}, {sweep.fixed}; both axes are logarithmic. {points}{note}{crossed}",
                lambda width, sweep=sweep, wanted=wanted: draw(document, sweep, wanted, x_label, width),
            )
        )
    return found


def connections(document, workload):
    caption = "Throughput (requests/s) and 99th percentile of the latency against open connections"
    return each(document, workload, "connections", (THROUGHPUT, P99), "connections", caption)


def rates(document, workload):
    caption = (
        "99th percentile of the latency, from when a request was due, and requests/s that were answered (dotted: where "
        "all are) against the rate that was intended"
    )
    note = " A ring marks the knee: the last rate before requests queue up."
    return each(document, workload, "rate", (DUE, ACHIEVED), "requests/s intended", caption, note)


def memory(document, workload):
    caption = "Resident memory (MB, 10⁶ bytes) of the server and its children against"
    against_busy = each(document, workload, "connections", (MEMORY,), "connections", f"{caption} open connections")
    against_idle = each(
        document, workload, "idle", (MEMORY,), "idle connections besides", f"{caption} connections without a request"
    )
    return against_busy + against_idle
