"""How claims and their cases are written."""

from bench.claims.table import interval, quantity, threshold
from bench.report.units import MINUS

MARKS = {"holds": "✓", "does not": "✗", "depends": "±", "open": "~", "not measured": "·"}

__all__ = ["MARKS", "any_measured", "measured", "span", "threshold"]


def any_measured(document):
    return any(claim["verdict"] != "not measured" for claim in document["claims"])


def measured(case):
    """The figure with its unit."""
    return "not measured" if case["measured"] is None else quantity(case["measured"], case["unit"]).replace("-", MINUS)


def span(case):
    """Its interval, where there is a figure."""
    return "" if case["measured"] is None else interval(case).replace("-", MINUS)
