"""Numbers in readable form: a true minus sign, a comma for thousands, mostly three significant digits."""

MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
NO_INTERVAL = "(no interval)"  # a single round, or rounds with equal values


def digits(value, count=3):
    """Writes at least ``count`` significant digits, without an exponent: 0.0123, 1.23, 12.3, 123, 1,234."""
    if value == 0:
        return "0"
    places = count - 1
    magnitude = abs(value)
    while magnitude >= 10 and places > 0:
        magnitude, places = magnitude / 10, places - 1
    while magnitude < 0.9995 and places < 9:
        magnitude, places = magnitude * 10, places + 1
    text = f"{value:,.{places}f}"
    return text.replace("-", MINUS)


def count(value):
    return f"{value:,.0f}" if abs(value) >= 100 else digits(value)


def short(value):
    """For axes and narrow places: 950, 1.2k, 188k, 2M."""
    for suffix, factor in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= factor * 0.9995:
            scaled = value / factor
            return (f"{scaled:.0f}" if scaled >= 99.5 else f"{scaled:.3g}") + suffix
    return f"{value:.3g}"


def milliseconds(seconds):
    return digits(seconds * 1e3)


def microseconds(seconds):
    return digits(seconds * 1e6)


def megabytes(size):
    return digits(size / 1e6)


def duration(seconds):
    """Writes a duration with its unit, for sentences and axes."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 0.9995 or unit == "µs":
            scaled = seconds * factor
            return f"{scaled:,.0f}{NBSP}{unit}" if scaled >= 100 else f"{scaled:.3g}{NBSP}{unit}"
    return None


def signed(value):
    """Writes a difference in percent, without the percent sign."""
    text = f"{value:+,.1f}" if abs(value) < 9.95 else f"{value:+,.0f}"
    return ("0.0" if text in ("+0.0", "-0.0") else text).replace("-", MINUS)


def change(ratio):
    return (ratio - 1) * 100


def interval(against):
    """Writes the 95 % interval of a difference in percent, as [+185, +194]; NO_INTERVAL if it has no width."""
    if against["low"] == against["high"]:
        return NO_INTERVAL
    return f"[{signed(change(against['low']))}, {signed(change(against['high']))}]"


def times(against):
    """Writes a ratio for sentences: "+12 % (+9.0 to +14)", or from a factor of two on "3.1 × (2.9 to 3.3)"."""
    ratio, low, high = against["ratio"], against["low"], against["high"]
    if 0.5 < ratio < 2:
        return f"{signed(change(ratio))}{NBSP}% ({signed(change(low))} to {signed(change(high))})"
    return f"{digits(ratio, 2)}{NBSP}× ({digits(low, 2)} to {digits(high, 2)})"
