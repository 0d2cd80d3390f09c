"""Where latency against rate turns upwards."""

SUSTAINED = 0.99  # of the rate: less is not carried, the queue only grows
TAIL_FACTOR = 10  # times the p99 of an unloaded server


def knee(points, *, sustained=SUSTAINED, tail_factor=TAIL_FACTOR):
    """Of ``(rate, achieved, p99)`` by ascending rate: the last rate that is carried; None where the first is not.

    A rate (what was offered: Poisson arrivals differ a little from what was asked for) is carried where what was
    achieved is at least 0.99 of it, and the p99 is at most ten times the p99 at the least of the rates, which stands
    for a server without a queue: it should be a tenth of the capacity or less. Both are needed: a server near its
    capacity keeps up for a short run while its queue grows, and one that sheds load keeps its p99.

    The knee is the last rate before the first that is not carried; one above that which happens to be carried again
    does not count. The field draws it from the same two, achieved against offered and latency against rate, mostly by
    eye; the two numbers make it repeatable.
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
