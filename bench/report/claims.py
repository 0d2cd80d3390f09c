"""How claims and their cases are written."""

from bench.report import units

MARKS = {"holds": "✓", "does not": "✗", "depends": "±", "open": "~", "not measured": "–"}


def number(value):
    return "" if value is None else units.digits(value)


def measured(case):
    """The figure with its unit."""
    return "not measured" if case["measured"] is None else f"{number(case['measured'])} {case['unit']}".strip()


def interval(case):
    if case["low"] is None and case["high"] is None:
        return ""
    low, high = (number(case[end]) or "…" for end in ("low", "high"))
    return f"[{low}, {high}]"
