"""wrk's latencies as wrk measured them, without its correction for coordinated omission.

At the end of a run wrk corrects its histogram by a guess: each connection would have sent a request every ``expected``
microseconds. wrk takes ``expected`` to be the run's time divided by the requests per connection. For every latency n of
at least twice that, wrk adds n - expected, n - 2 expected, ... as long as they are above ``expected``. wrk goes from
small values to large ones and adds to smaller values only, so no added value causes further additions. Hence, for
values above ``expected``, corrected[m] = raw[m] + raw[m + expected] + raw[m + 2 expected] + ..., and

    raw[m] = corrected[m] - corrected[m + expected]

Values at or below ``expected`` are unchanged. The reversal is exact: the counts again add up to the number of answers.
Answers that took longer than wrk's timeout are missing, since wrk counts them but does not record their latency.
"""

CURVE = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100)


def pairs(flat):
    """Converts value, count, value, count, ... to ``{value: count}``."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def expected_interval(duration_us, requests, connections):
    """Returns wrk's guess in microseconds, by wrk's integer division. None if there were fewer requests than
    connections: wrk then corrects nothing."""
    per_connection = requests // connections
    return duration_us // per_connection if per_connection > 0 else None


def undo(histogram, expected):
    """Returns the histogram, ``{microseconds: count}``, without the correction."""
    if expected is None:
        return dict(histogram)
    raw = {}
    for value, count in histogram.items():
        own = count - (histogram.get(value + expected, 0) if value > expected else 0)
        if own < 0:
            raise ValueError(f"{value} us: {own} answers: this was not corrected with an interval of {expected} us")
        if own > 0:
            raw[value] = own
    return raw


def quantiles(histogram, shares):
    """Returns for each share (ascending) the smallest value that at least this share of the counts does not exceed; 0
    for an empty histogram."""
    ordered, total = sorted(histogram.items()), sum(histogram.values())
    found, seen, values = [], 0, iter(ordered)
    value = 0
    for share in shares:
        while seen < max(share * total, 1) and seen < total:
            value, count = next(values)
            seen += count
        found.append(value)
    return found


def summary(histogram):
    p50, p90, p99, p999, most = quantiles(histogram, (0.5, 0.9, 0.99, 0.999, 1))
    mean = sum(value * count for value, count in histogram.items()) / max(sum(histogram.values()), 1)
    return {"mean": mean, "p50": p50, "p90": p90, "p99": p99, "p999": p999, "max": most}


def percentiles(histogram):
    found = quantiles(histogram, [percent / 100 for percent in CURVE])
    return [list(point) for point in zip(CURVE, found, strict=True)]
