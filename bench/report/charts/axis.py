"""The ticks of axes."""

import math

STEPS = {1: (1,), 2: (1, 3), 3: (1, 2, 5)}  # of a decade
ENOUGH = 4
MANY = 8


def ticks(low, high):
    """Returns the values of the ticks: more and more per decade until there are ENOUGH, then thinned to MANY at
    most."""
    for steps in STEPS.values():
        first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
        found = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        found = [value for value in found if low * 0.999 <= value <= high * 1.001]
        if len(found) >= ENOUGH:
            break
    return found[:: max(1, math.ceil(len(found) / MANY))]


def at_most(count):
    """Returns matplotlib's locator of so many intervals between ticks."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(count)


def logarithmic(one, text, values=None):
    """Makes an axis logarithmic. ``values`` are the exact places of the ticks, such as the measured values."""
    from matplotlib.ticker import FixedLocator, NullLocator

    which = one.axis_name
    getattr(one.axes, f"set_{which}scale")("log")
    low, high = getattr(one.axes, f"get_{which}lim")()
    if values is None and high / low < 4:  # a range so small that it might contain no tick
        middle = math.sqrt(low * high)
        low, high = middle / 2.2, middle * 2.2
        getattr(one.axes, f"set_{which}lim")(low, high)
    one.set_major_locator(FixedLocator(ticks(low, high) if values is None else values))
    one.set_minor_locator(NullLocator())
    one.set_major_formatter(lambda value, _: text(value))
