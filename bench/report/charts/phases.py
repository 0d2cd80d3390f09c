"""The time of a request by phase in each model, as tandem measured it."""

from bench.report import cells, units
from bench.report.charts.axis import at_most
from bench.report.charts.style import COLOURS, INK, PAPER, Canvas, chart, legend_rows, shortened

PHASES = {
    "queue": "queue: waits for a thread",
    "gil": "gil: waits for the GIL",
    "handler": "handler: the work",
    "return": "return: waits for the loop",
    "write": "write: to the kernel",
}
HATCHES = {"queue": "", "gil": "////", "handler": "", "return": "\\\\\\\\", "write": ""}
SHADES = dict(zip(PHASES, (COLOURS[7], COLOURS[1], COLOURS[0], COLOURS[5], COLOURS[2]), strict=True))


def draw(shown, width):
    columns = 1 if width < 500 else 3
    canvas = Canvas(width, 62 + 27 * len(shown) + 19 * legend_rows(len(PHASES), columns))
    (axes,) = canvas.panels(1)
    longest = max(sum(cell["phases"].values()) for cell in shown) or 1e-9
    scale, unit = (1e3, "ms") if longest >= 1e-3 else (1e6, "µs")
    for place, cell in enumerate(reversed(shown)):
        left = 0
        for phase in PHASES:
            length = cell["phases"][phase] * scale
            axes.barh(
                place,
                length,
                left=left,
                height=0.64,
                facecolor=SHADES[phase],
                edgecolor=PAPER,
                hatch=HATCHES[phase],
                linewidth=0.8,
                label=PHASES[phase] if place == 0 else None,
            )
            left += length
        text = units.duration(left / scale) + (" !" if cell["invalid"] else "")
        axes.text(left + longest * scale * 0.012, place, text, va="center", size=10.5)
    axes.set_yticks(
        range(len(shown)), [shortened(cell["server"], 18 if canvas.narrow else 30) for cell in reversed(shown)]
    )
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, longest * scale * (1.3 if canvas.narrow else 1.13))
    axes.xaxis.set_major_locator(at_most(4 if canvas.narrow else 8))
    axes.set_xlabel(f"mean time of a request, {unit}")
    canvas.legend(axes.get_legend_handles_labels()[0], columns, longest=40)
    return canvas


def where_time_goes(document, workload):
    """Returns the chart of the workload's main load, or None if no cell has phases."""
    load, found = cells.main(document, workload)
    shown = [cell for cell in cells.measured(found) if cell["phases"]]
    if not shown:
        return None
    each = "; ".join(
        f"{cell['server']}: " + ", ".join(f"{phase} {units.duration(cell['phases'][phase])}" for phase in PHASES)
        for cell in shown
    )
    caption = (
        f"Mean time of a request by phase, {load}: tandem's own measurement, the median of the rounds. "
        "What a request waits in its socket before it is read is in none of them. Peers have no phases."
    )
    return chart(
        f"phases-{workload}",
        f"Stacked bar chart: mean time by phase, {load}. {each}.",
        caption,
        lambda w: draw(shown, w),
    )
