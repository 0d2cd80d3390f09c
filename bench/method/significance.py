"""Statistics over a few rounds: medians with their intervals, and which differences are more than noise.

Intervals are 95 % percentile bootstraps of the median. Differences are judged by the two-sided Mann-Whitney U test,
which assumes nothing about the distribution of the values. The test needs FEWEST_ROUNDS of each cell to find anything
significant.
"""

import numpy
import scipy  # loads scipy.stats, which takes a second, at its first use

CONFIDENCE = 0.95
SIGNIFICANT = 0.05
FEWEST_ROUNDS = 4  # of each cell: with three the smallest possible p-value is 0.1
RESAMPLES = 2000
SEED = 1  # fixed, so that the same values always give the same interval


def spread(values):
    """Returns half the distance between the extremes, as a share of the median; 0.0 if the median is zero."""
    middle = float(numpy.median(values))
    return float(numpy.max(values) - numpy.min(values)) / 2 / abs(middle) if middle else 0.0


def interval(samples, statistic):
    """Returns ``(low, high)`` of a vectorised statistic of independent samples. If a sample has a single value, both
    are the statistic itself."""
    if any(len(sample) < 2 for sample in samples):
        value = float(statistic(*samples, axis=-1))
        return value, value
    result = scipy.stats.bootstrap(
        samples,
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=True,
        rng=numpy.random.default_rng(SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def figure(values):
    """Returns a figure as in results.json: ``{"median", "low", "high", "spread", "values"}``."""
    values = [float(value) for value in values]
    low, high = interval((numpy.array(values),), numpy.median)
    return {"median": float(numpy.median(values)), "low": low, "high": high, "spread": spread(values), "values": values}


def ratio(a, b, axis):
    return numpy.median(a, axis=axis) / numpy.median(b, axis=axis)


def against(values, baseline):
    """Compares the median of values with that of baseline: ``{"ratio", "low", "high", "p", "significant"}``. Returns
    None if the baseline has a zero."""
    ours, theirs = numpy.array(values, float), numpy.array(baseline, float)
    if not theirs.all():
        return None
    low, high = interval((ours, theirs), ratio)
    p = float(scipy.stats.mannwhitneyu(ours, theirs, alternative="two-sided").pvalue)
    return {"ratio": float(ratio(ours, theirs, -1)), "low": low, "high": high, "p": p, "significant": p < SIGNIFICANT}
