"""What two cells, or two sets of sources, are compared by. An interval that is open to a side has an infinity there."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bench.claims import lines
from bench.method import significance


class Interval(NamedTuple):
    """What was measured, and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Operand:
    """A figure of a cell. Where the load was what limited, the true one is ``at_least``, or ``at_most``, as large."""

    figure: dict
    idle: int = 0
    at_least: bool = False
    at_most: bool = False


def one_round(*operands):
    """Of one of these, which then says nothing of how far off it may be."""
    return any(len(operand.figure["values"]) < 2 for operand in operands)


def value(of):
    figure = of.figure
    low = -math.inf if of.at_most or one_round(of) else figure["low"]
    return Interval(figure["median"], low, math.inf if of.at_least or one_round(of) else figure["high"])


def ratio(of, to):
    """Of the medians; None where ``to`` has a zero."""
    found = significance.against(of.figure["values"], to.figure["values"])
    if found is None:
        return None
    open_ended = one_round(of, to)
    low = 0.0 if of.at_most or to.at_least or open_ended else found["low"]
    return Interval(found["ratio"], low, math.inf if of.at_least or to.at_most or open_ended else found["high"])


def of_ratio(convert):
    """A measure that is the ratio in other words, perhaps with its ends exchanged."""

    def measure(of, to):
        found = ratio(of, to)
        if found is None:
            return None
        return Interval(convert(found.value), *sorted((convert(found.low), convert(found.high))))

    return measure


def per_connection(of, to):
    """The difference for each further idle connection: round by round, since what disturbs a round disturbs both."""
    pairs = zip(of.figure["values"], to.figure["values"], strict=False)
    found = significance.figure([(ours - theirs) / (of.idle - to.idle) for ours, theirs in pairs])
    if one_round(of, to):
        return Interval(found["median"], -math.inf, math.inf)
    return Interval(found["median"], found["low"], found["high"])


def shorter(of, to):
    """By how many per cent ``of`` has fewer lines of code; None where sources are absent. Counted, so exact."""
    ours, theirs = lines.count(of), lines.count(to)
    if not ours or not theirs:
        return None
    percent = (1 - ours / theirs) * 100
    return Interval(percent, percent, percent)


@dataclass(frozen=True)
class Measure:
    take: Callable
    unit: str | None = None  # that of the figure
    compares: bool = True
    of_sources: bool = False


ALL = {
    "value": Measure(value, compares=False),
    "ratio": Measure(ratio, "×"),
    "percent more": Measure(of_ratio(lambda one: (one - 1) * 100), "%"),
    "percent less": Measure(of_ratio(lambda one: (1 - one) * 100), "%"),
    "share": Measure(of_ratio(lambda one: one * 100), "%"),
    "per connection": Measure(per_connection),
    "lines": Measure(shorter, "%", of_sources=True),
}


def unit(measure, figure):
    """Of what is measured: of a figure, by its name."""
    named = ALL[measure].unit
    if named is not None:
        return named
    if figure == "requests_per_second":
        return "requests/s"
    return next((word for word in ("seconds", "bytes") if word in figure), "")
