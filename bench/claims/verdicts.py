"""The verdicts on the claims, from the cells of a comparison.

A case holds if its whole 95 % interval lies within the threshold. It does not hold if the whole interval lies outside.
It is open if the interval lies across a limit of the threshold. The decided cases decide the claim: it holds if all of
them hold, and does not if none does; otherwise it depends on the differences between them. A claim without a decided
case is open, or not measured if no case is open. A claim is not measured, either, if the run left out some of its
cells: the other cases may not be representative.

A cell that broke a rule (``invalid``) is still used as far as possible. No rule affects the startup time, which is
measured before the load. The first three rules affect only rates and latencies:

load         The load generator was the bottleneck: the true rate is at least the measured one, a latency at most. The
             interval is open to that side, and decides only if its other end suffices.
spread       The rounds differ: the interval is accordingly wide, and decides.
littles-law  No rate and no latency can be trusted: open.
answers      The same goes for any later rule. No figure can be trusted: open.
"""

import math

from bench.claims import claims as known
from bench.claims import measures
from bench.report.cells import key_of

VERDICTS = ("holds", "does not", "open", "not measured")


def judge(document, claims=None):
    """Returns the judged claims as in results.json; by default those of claims.toml."""
    cells = {key_of(cell): cell for cell in document["cells"]}
    return [judge_claim(claim, cells) for claim in (known.read() if claims is None else claims)]


def judge_claim(claim, cells):
    cases = [judge_case(case, cells) for case in claim.cases]
    left_out = sum(any(selector.key not in cells for selector in case.selectors()) for case in claim.cases)
    if left_out:
        verdict, because = "not measured", f"cells of {number_of(left_out, len(cases))} are not in this run"
    else:
        verdict, because = conclude(cases)
    texts = {"id": claim.id, "quote": claim.quote, "article": claim.article, "about": claim.about}
    return {**texts, "verdict": verdict, "because": because, "cases": cases}


def conclude(cases):
    """Returns ``(verdict, because)`` of a claim from its cases."""
    labels = {verdict: [case["label"] for case in cases if case["verdict"] == verdict] for verdict in VERDICTS}
    decided = [verdict for verdict in ("holds", "does not") if labels[verdict]]
    if len(decided) == 2:
        verdict, sentences = (
            "depends",
            [f"holds for {listed(labels['holds'])}", f"not for {listed(labels['does not'])}"],
        )
    elif decided:
        verdict = decided[0]
        sentences = [f"{verdict} in {number_of(len(labels[verdict]), len(cases))}"]
    else:
        verdict, sentences = "open" if labels["open"] else "not measured", []
    if labels["open"]:
        sentences.append(f"open for {listed(labels['open'])}")
    if labels["not measured"]:
        sentences.append(f"{number_of(len(labels['not measured']), len(cases))} not measured")
    return verdict, "; ".join(sentences)


def number_of(some, all_of_them):
    if some == all_of_them:
        return f"all {some} cases" if some > 1 else "the one case"
    return f"{some} of {all_of_them} cases"


def listed(labels):
    return " · ".join(labels)


def judge_case(case, cells):
    found, verdict, because = measured(case, cells)
    value, low, high = found or (None, None, None)
    return {
        "label": case.label,
        "measured": value,
        "low": finite(low),
        "high": finite(high),
        "unit": measures.unit(case.measure, case.figure),
        "threshold": {"low": finite(case.holds.low), "high": finite(case.holds.high)},
        "verdict": verdict,
        "because": because,
        "figure": case.figure,
        "measure": case.measure,
        "of": operand_document(case.of),
        "to": operand_document(case.to),
    }


def finite(number):
    return None if number is None or math.isinf(number) else number


def operand_document(operand):
    """Returns the operand as in results.json: the fields that identify a cell, or paths, or null."""
    return operand if operand is None else list(operand) if isinstance(operand, tuple) else vars(operand).copy()


def measured(case, cells):
    """Measures a case. Returns ``(Interval or None, verdict, because or None)``."""
    measure = measures.ALL[case.measure]
    if measure.of_sources:
        found = measure.take(case.of, case.to)
        return settle(case, found, "some of the sources are not there", [])
    operands, notes = [], []
    for selector in case.selectors():
        cell = cells.get(selector.key)
        if reason := lacking(cell, case.figure):
            return None, "not measured", f"{selector}: {reason}"
        operand, doubts, untrusted = weigh(cell, case.figure)
        operands.append(operand)
        notes += [(f"{selector}: {doubt}", untrusted) for doubt in doubts]
    return settle(case, measure.take(*operands), "the figure it is compared with is zero in a round", notes)


def settle(case, found, lack, notes):
    if found is None:
        return None, "not measured", lack
    because = "; ".join(note for note, _ in notes) or None
    if any(untrusted for _, untrusted in notes):
        return found, "open", because
    return found, case.holds.verdict(found.low, found.high), because


def lacking(cell, figure):
    """Returns the reason why a cell has no such figure; None if it has one."""
    if cell is None:
        return "not among the cells that were measured"
    if cell["state"] != "measured":
        return f"{cell['state']}: {cell['reason']}"
    return None if figure in cell["figures"] else f"has no {figure}"


def weigh(cell, figure):
    """Returns ``(Operand, doubts, untrusted)``: the effect of the rules that the cell broke on this figure."""
    rate, latency = figure == "requests_per_second", figure.startswith(("client_", "wrk_", "sent_", "server_p"))
    untrusted = False
    at_least = at_most = len(cell["figures"][figure]["values"]) == 1
    doubts = ["one round has no interval"] if at_least else []
    for one in cell["invalid"]:
        rule = one["rule"]
        if figure == "startup_seconds" or (rule in ("load", "spread", "littles-law") and not rate and not latency):
            continue
        doubts.append(one["because"])
        if rule == "load":
            at_least, at_most = at_least or rate, at_most or latency
        elif rule != "spread":
            untrusted = True
    return measures.Operand(cell["figures"][figure], cell["idle"], at_least, at_most), doubts, untrusted
