"""The answer in a few sentences per workload, derived only from the figures and their significance.

A sentence is a list of Parts, so that each output format can mark up names and figures in its own way.
"""

from dataclasses import dataclass

from bench.method import significance
from bench.report import cells, units

BOUND_BY = {
    "client": "the load generator (they could answer more)",
    "cpu": "the CPU",
    "gil": "the GIL",
    "loop": "the event loop",
    "pool": "the model's threads",
    "sleep": "waiting in the handler",
}


@dataclass(frozen=True)
class Part:
    text: str
    kind: str = "text"  # or "name"; or "value", which has the cell and figure that it comes from
    cell: int | None = None
    figure: str | None = None
    value: float | None = None


def name(cell):
    return Part(cell["server"], "name")


def value(cell, figure, text):
    number = cells.median(cell, figure)
    return Part(text(number), "value", cell["index"], figure, number)


def listed(groups, last=" and "):
    """Joins groups of parts with commas, and with ``last`` before the last group."""
    found = []
    for number, group in enumerate(groups):
        if number:
            found.append(Part(last if number == len(groups) - 1 else ", "))
        found += group
    return found


def names(found, last=" and "):
    return listed([[name(cell)] for cell in found], last)


def too_few(rounds):
    """Says that so many rounds of each cell cannot tell two apart; None if they can."""
    if rounds >= significance.FEWEST_ROUNDS:
        return None
    few = f"{rounds} rounds of each are too few" if rounds > 1 else "one round of each is too few"
    return f"{few} to tell them apart: it takes {significance.FEWEST_ROUNDS}"


class Question:
    """The figure by which servers are ranked: the rate in a closed loop; the p99 latency in an open loop, where the
    rate is given."""

    def __init__(self, load):
        self.closed = load.rate is None
        self.figure = "requests_per_second" if self.closed else "client_p99_seconds"
        self.text = units.count if self.closed else units.duration

    def score(self, cell):
        return cells.median(cell, self.figure) * (-1 if self.closed else 1)

    def candidates(self, found):
        return sorted((cell for cell in found if self.figure in cell["figures"]), key=self.score)

    def lower_bound(self, cell):
        return self.closed and cells.limited_by_load(cell)

    def ranked(self, found):
        return self.candidates(
            [cell for cell in cells.measured(found) if not cell["invalid"] or self.lower_bound(cell)]
        )

    def answered(self, cell):
        rest = " requests/s" if self.closed else " at the 99th percentile"
        first = [Part("at least ")] if self.lower_bound(cell) else []
        return [*first, value(cell, self.figure, self.text), Part(rest)]

    def values(self, cell):
        return cell["figures"][self.figure]["values"]


def not_told_apart(question, best, others):
    """Returns the cells that may be as good as the best one. A cell with only a lower bound always may be."""
    found = []
    for cell in others:
        if question.lower_bound(cell):
            found.append(cell)
            continue
        against = significance.against(question.values(cell), question.values(best))
        if against is None or not against["significant"]:
            found.append(cell)
    return found


def comparison(question, best, baseline):
    """Returns the parts of, for example, ", 2.9 × (2.8 to 3.0) as much as py-threads"."""
    if baseline is None or baseline["index"] == best["index"]:
        return []
    if baseline["invalid"]:
        return [Part("; "), name(baseline), Part(", the baseline, is not to be relied on, so there is no ratio to it")]
    against = significance.against(question.values(best), question.values(baseline))
    if against is None:
        return []
    if not against["significant"]:
        return [Part("; not told apart from "), name(baseline), Part(f" {units.interval(against)} %")]
    against_text = ("at least " if question.lower_bound(best) else "") + units.times(against)
    return [Part(f", {against_text} "), Part("against " if "%" in against_text else "as much as "), name(baseline)]


def fastest(question, found, baseline):
    best, *others = question.ranked(found)
    if not others:
        return [name(best), Part(" answers "), *question.answered(best), Part("; there is nothing valid beside it.")]
    rounds = min(len(question.values(cell)) for cell in (best, *others))
    if few := too_few(rounds):
        middle = [name(best), Part(" has the best median, "), *question.answered(best), Part(", but ")]
        return [*middle, Part(f"{few}.")]
    equals = not_told_apart(question, best, others)
    if len(equals) == len(others):
        who = names([best, *equals])
        return [*who, Part(" are not told apart; the best median is "), *question.answered(best), Part(".")]
    if equals:
        rest = [Part("; "), *names(equals), Part(f" {'is' if len(equals) == 1 else 'are'} not told apart from it")]
    else:
        rest = []
    superlative = " is fastest: " if question.closed else " has the lowest latency: "
    return [
        name(best),
        Part(superlative),
        *question.answered(best),
        *comparison(question, best, baseline if baseline not in equals else None),
        *rest,
        Part("."),
    ]


def spent(question, found):
    """Returns the CPU time per request of each server, which still tells servers apart if the load generator was the
    bottleneck. Empty if it was not."""
    figure = "cpu_seconds_per_request"
    ranked = [cell for cell in question.ranked(found) if figure in cell["figures"]]
    if not any(map(question.lower_bound, ranked)):
        return []
    ranked.sort(key=lambda cell: cells.median(cell, figure))
    groups = [[name(cell), Part(" "), value(cell, figure, units.duration)] for cell in ranked]
    limited = names([cell for cell in ranked if question.lower_bound(cell)])
    return [
        Part(" The load generator was the bottleneck of "),
        *limited,
        Part("; CPU time per request: "),
        *listed(groups),
        Part("."),
    ]


def not_relied_on(question, found):
    """Names the cells that have better medians than the best ranked one, but are not ranked because of a rule."""
    valid = question.ranked(found)
    invalid = [cell for cell in question.candidates(cells.measured(found)) if cell not in valid]
    if valid:
        invalid = [cell for cell in invalid if question.score(cell) < question.score(valid[0])]
    groups = []
    for cell in invalid:
        rules = ", ".join(dict.fromkeys(one["rule"] for one in cell["invalid"]))
        groups.append([name(cell), Part(" ("), *question.answered(cell), Part(f"; rule {rules})")])
    if not groups:
        return []
    return [Part(" Not to be relied on, and so not ranked: " if valid else ": "), *listed(groups), Part(".")]


def bounds(found):
    by_verdict = {}
    for cell in cells.valid(found):
        if cell["bound_by"]:
            by_verdict.setdefault(cell["bound_by"]["verdict"], []).append(cell)
    if not by_verdict:
        return []
    groups = [
        [Part(f"{BOUND_BY.get(verdict, verdict)} ("), *names(bound, last=", "), Part(")")]
        for verdict, bound in by_verdict.items()
    ]
    return [Part(" Bottleneck: "), *listed(groups), Part(".")]


def answer(document, workload):
    """Returns ``(Load, [Part, …])`` for the workload's main load."""
    load, found = cells.main(document, workload)
    question = Question(load)
    if not cells.measured(found):
        return load, [Part("Nothing could be measured.")]
    if question.ranked(found):
        said = fastest(question, found, cells.baseline_of(document, found))
    else:
        said = [Part("No cell is to be relied on")]
    return load, [*said, *spent(question, found), *not_relied_on(question, found), *bounds(found)]


def answers(document):
    """Returns ``[{"workload", "load", "parts"}]``."""
    found = []
    for workload in cells.workloads_of(document):
        load, parts = answer(document, workload)
        found.append({"workload": workload, "load": load, "parts": parts})
    return found


def plain(parts):
    return "".join(part.text for part in parts)
