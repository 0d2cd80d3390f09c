import random
import statistics

import pytest

from bench.method import significance


def test_a_figure_is_the_median_with_its_interval():
    values = [10.0, 12.0, 11.0, 19.0, 10.5]
    figure = significance.figure(values)
    assert figure["values"] == values
    assert figure["median"] == 11.0
    assert min(values) <= figure["low"] <= 11.0 <= figure["high"] <= max(values)
    assert figure["spread"] == pytest.approx((19 - 10) / 2 / 11)


def test_the_same_values_have_the_same_interval_each_time():
    values = [random.Random(3).gauss(100, 5) for _ in range(7)]
    assert significance.figure(values) == significance.figure(values)


def test_of_one_value_the_interval_is_itself():
    figure = significance.figure([3])
    assert (figure["low"], figure["median"], figure["high"], figure["spread"]) == (3.0, 3.0, 3.0, 0.0)


def test_the_interval_of_the_median_covers_it_as_often_as_it_says():
    """The samples are of a known distribution. The bootstrap of few values is known to be a little too narrow."""
    draw = random.Random(5)
    covered = 0
    for _ in range(200):
        figure = significance.figure([draw.gauss(100, 10) for _ in range(15)])
        covered += figure["low"] <= 100 <= figure["high"]
    assert 170 <= covered <= 200


def test_a_clear_difference_is_significant():
    ours, theirs = [200.0, 201.0, 199.0, 202.0], [100.0, 101.0, 99.0, 102.0]
    found = significance.against(ours, theirs)
    assert found["significant"]
    assert found["ratio"] == pytest.approx(statistics.median(ours) / statistics.median(theirs))
    assert 1.9 < found["low"] <= found["ratio"] <= found["high"] < 2.1
    assert found["p"] == pytest.approx(2 / 70)  # two of the 70 ways to divide eight values into four and four


def test_noise_is_not():
    found = significance.against([100.0, 104.0, 98.0, 103.0], [101.0, 99.0, 105.0, 97.0])
    assert not found["significant"]
    assert found["low"] < 1 < found["high"]


def test_three_rounds_are_too_few_for_any_difference():
    assert not significance.against([200.0, 201.0, 202.0], [100.0, 101.0, 102.0])["significant"]


def test_nothing_is_a_multiple_of_zero():
    assert significance.against([1.0, 2.0], [0.0, 1.0]) is None
