"""The text form of claims and their cases, for report.html and report.md."""

from bench.claims.table import interval, quantity, threshold
from bench.report.units import MINUS

MARKS = {"holds": "✓", "does not": "✗", "depends": "±", "open": "~", "not measured": "·"}

__all__ = ["MARKS", "any_measured", "measured", "span", "threshold"]


def any_measured(document):
    return any(claim["verdict"] != "not measured" for claim in document["claims"])


def measured(case):
    """Returns the measured value with its unit."""
    return "not measured" if case["measured"] is None else quantity(case["measured"], case["unit"]).replace("-", MINUS)


def span(case):
    """Returns the interval of the measured value; empty if there is no value or if it is exact."""
    return "" if case["measured"] is None else interval(case).replace("-", MINUS)
