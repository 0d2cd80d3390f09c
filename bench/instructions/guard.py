"""The comparison with earlier counts, and its table. Too many more instructions are a failure."""

from dataclasses import dataclass

from rich import box
from rich.table import Table

from bench.instructions import counting, parent, recorded
from bench.instructions.cells import CELLS
from bench.servers.server import Failed
from bench.servers.tandem import TANDEM

LEAST_ALLOWED = 0.02


@dataclass(frozen=True)
class Row:
    name: str
    now: float
    before: float
    spread: float  # of the earlier runs

    @property
    def ratio(self):
        return self.now / self.before

    @property
    def allowed(self):
        """The increase that still counts as noise: twice the spread of the earlier runs, and at least 2 %."""
        return max(LEAST_ALLOWED, 2 * self.spread)

    @property
    def worse(self):
        return self.ratio > 1 + self.allowed

    @property
    def better(self):
        return self.ratio < 1 - self.allowed


@dataclass(frozen=True)
class Comparison:
    before: str  # names the earlier counts
    reasons: tuple  # why they are not the committed figures; empty if they are
    rows: tuple

    @property
    def failed(self):
        return any(row.worse for row in self.rows)


def with_recorded(figures, progress_of):
    missing = [cell.name for cell in CELLS if cell.name not in figures["cells"]]
    if missing:
        raise Failed(f"{recorded.PATH.name} has no figure of {missing[0]}: ./dev bench instructions --record")
    counts = counting.measure(CELLS, [TANDEM], counting.RUNS, progress_of)
    rows = []
    for cell in CELLS:
        known = figures["cells"][cell.name]
        rows.append(Row(cell.name, counting.median(counts[cell.name, TANDEM]), known["instructions"], known["spread"]))
    return Comparison("committed", (), tuple(rows))


def with_parent(reasons, progress_of):
    commit, binary = parent.build()
    counts = counting.measure(CELLS, [TANDEM, binary], counting.RUNS, progress_of)
    rows = []
    for cell in CELLS:
        ours, theirs = counts[cell.name, TANDEM], counts[cell.name, binary]
        rows.append(Row(cell.name, counting.median(ours), counting.median(theirs), counting.spread(theirs)))
    return Comparison(f"parent {commit[:12]}", tuple(reasons), tuple(rows))


def compare(progress_of):
    figures = recorded.read()
    reasons = recorded.differences(recorded.environment(), figures["environment"])
    return with_parent(reasons, progress_of) if reasons else with_recorded(figures, progress_of)


def record(progress_of):
    """Counts and writes the committed figures. It takes three times the runs, since these determine the spread."""
    counts = counting.measure(CELLS, [TANDEM], 3 * counting.RUNS, progress_of)
    recorded.write({cell.name: counts[cell.name, TANDEM] for cell in CELLS}, recorded.environment())


def verdict(row):
    if row.worse:
        return f"[red]more than {1 + row.allowed:.3f}[/red]"
    return "[green]fewer: record it[/green]" if row.better else "[green]holds[/green]"


def show(console, comparison):
    for reason in comparison.reasons:
        console.print(f"not compared with the committed figures: {reason}", markup=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Instructions per request", title_justify="left")
    for header in ("request", "now", comparison.before, "ratio", ""):
        table.add_column(header, justify="left" if header in ("request", "") else "right")
    for row in comparison.rows:
        table.add_row(row.name, f"{row.now:,.0f}", f"{row.before:,.0f}", f"{row.ratio:.4f}", verdict(row))
    console.print(table)
