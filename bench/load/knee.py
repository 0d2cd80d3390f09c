"""The knee: the rate at which latency against rate turns upwards."""

SUSTAINED = 0.99  # share of the rate: with less the queue only grows
TAIL_FACTOR = 10  # times the p99 of an unloaded server


def knee(points, *, sustained=SUSTAINED, tail_factor=TAIL_FACTOR):
    """Returns the last rate that the server sustains, or None if it does not sustain the first one.

    ``points`` is a list of ``(rate, achieved, p99)`` by ascending rate. The rate is the offered one, since Poisson
    arrivals differ a little from the requested rate.

    A rate is sustained if two conditions hold. The achieved rate is at least 0.99 of it. The p99 is at most ten times
    the p99 at the lowest rate. The lowest rate stands for a server without a queue, so it should be a tenth of the
    capacity or less. Both conditions are needed: a server near its capacity keeps up for a short run while its queue
    grows, and a server that sheds load keeps its p99.

    The knee is the last rate before the first that is not sustained. A higher rate that happens to be sustained again
    does not count. The knee is usually drawn by eye from the same two curves: achieved against offered rate, and
    latency against rate. The two thresholds make it repeatable.
    """
    rates = [rate for rate, _, _ in points]
    if rates != sorted(rates):
        raise ValueError("the rates are not in ascending order")
    last = None
    for rate, achieved, p99 in points:
        if achieved < sustained * rate or p99 > tail_factor * points[0][2]:
            break
        last = rate
    return last
