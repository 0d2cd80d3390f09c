"""The measures by which two cells, or two sets of sources, are compared. An open end of an interval is infinite, or 0
for the low end of a ratio."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bench.claims import lines
from bench.method import significance


class Interval(NamedTuple):
    """A measured value with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Operand:
    """A figure of a cell. If the load generator was the bottleneck, the figure is only a lower bound (``at_least``) or
    an upper bound (``at_most``) of the true one. A figure of one round may be off to either side: both are true."""

    figure: dict
    idle: int = 0
    at_least: bool = False
    at_most: bool = False


def value(of):
    figure = of.figure
    low = -math.inf if of.at_most else figure["low"]
    return Interval(figure["median"], low, math.inf if of.at_least else figure["high"])


def ratio(of, to):
    """Returns the ratio of the medians; None if ``to`` has a zero."""
    found = significance.against(of.figure["values"], to.figure["values"])
    if found is None:
        return None
    low = 0.0 if of.at_most or to.at_least else found["low"]
    return Interval(found["ratio"], low, math.inf if of.at_least or to.at_most else found["high"])


def of_ratio(convert):
    """Returns a measure that converts the ratio and the ends of its interval. A conversion may swap the ends."""

    def measure(of, to):
        found = ratio(of, to)
        if found is None:
            return None
        return Interval(convert(found.value), *sorted((convert(found.low), convert(found.high))))

    return measure


def per_connection(of, to):
    """Returns the difference per additional idle connection. It is taken round by round, since a disturbance of a round
    affects both cells."""
    pairs = zip(of.figure["values"], to.figure["values"], strict=False)
    found = significance.figure([(ours - theirs) / (of.idle - to.idle) for ours, theirs in pairs])
    low = -math.inf if of.at_most or to.at_least else found["low"]
    return Interval(found["median"], low, math.inf if of.at_least or to.at_most else found["high"])


def shorter(of, to):
    """Returns by how many percent ``of`` has fewer lines of code; None if sources are absent. A count is exact, so the
    interval has no width."""
    ours, theirs = lines.count(of), lines.count(to)
    if not ours or not theirs:
        return None
    percent = (1 - ours / theirs) * 100
    return Interval(percent, percent, percent)


@dataclass(frozen=True)
class Measure:
    take: Callable
    unit: str | None = None  # None: the unit of the figure
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
    """Returns the unit of the measured value: the measure's own, or else that of the figure, by its name."""
    named = ALL[measure].unit
    if named is not None:
        return named
    if figure == "requests_per_second":
        return "requests/s"
    return next((word for word in ("seconds", "bytes") if word in figure), "")
