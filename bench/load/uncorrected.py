"""wrk's latencies as it measured them, before it rewrote them.

At its end wrk corrects its histogram for coordinated omission by a guess: that each connection would have sent a
request every ``expected`` microseconds, which it takes to be the run's time divided by the requests per connection.
For every latency n of at least twice that it adds n - expected, n - 2 expected, ... as far as they are above expected.
It goes from the small values to the large, and adds to smaller ones only, so it never adds for what it has added
itself. Hence, for what lies above expected, corrected[m] = raw[m] + raw[m + expected] + raw[m + 2 expected] + ..., and

    raw[m] = corrected[m] - corrected[m + expected]

while what lies at or below expected is as it was. That is exact, and the sum of it all is the number of answers again,
but for those that took longer than wrk's timeout, which it counts and does not record.
"""

CURVE = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100)


def pairs(flat):
    """``{value: count}`` of value, count, value, count, ..."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def expected_interval(duration_us, requests, connections):
    """wrk's guess, in its integers; None where it had too little to guess from, and corrected nothing."""
    per_connection = requests // connections
    return duration_us // per_connection if per_connection > 0 else None


def undo(histogram, expected):
    """The histogram, ``{microseconds: count}``, without the correction."""
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
    """For each share (ascending) the smallest value that it does not exceed; 0 in an empty histogram."""
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
