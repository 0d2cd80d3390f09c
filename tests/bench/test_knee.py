"""The knee in made-up curves of latency over rate."""

import pytest

from bench.load.knee import knee


def test_the_last_rate_that_is_achieved():
    assert knee([(100, 100, 5), (200, 199, 6), (300, 298, 9), (400, 350, 12)]) == 300


def test_a_tail_that_has_grown_tenfold_is_beyond_the_knee():
    assert knee([(100, 100, 5), (200, 200, 50), (300, 300, 51), (400, 400, 60)]) == 200


def test_a_server_that_sheds_load_keeps_its_tail_and_still_has_a_knee():
    assert knee([(100, 100, 5), (200, 200, 5), (300, 200, 5)]) == 200


def test_what_is_carried_again_later_does_not_count():
    assert knee([(100, 100, 5), (200, 150, 80), (300, 300, 5)]) == 100


def test_no_knee_is_seen_where_all_is_carried():
    assert knee([(100, 100, 5), (200, 200, 6)]) == 200


def test_none_where_not_even_the_first_is_carried_or_there_is_none():
    assert knee([(100, 50, 5), (200, 50, 6)]) is None
    assert knee([]) is None


def test_the_limits_are_those_that_are_given():
    points = [(100, 100, 5), (200, 181, 15)]
    assert knee(points) == 100
    assert knee(points, sustained=0.9) == 200
    assert knee(points, sustained=0.9, tail_factor=2) == 100


def test_rates_out_of_order_are_refused():
    with pytest.raises(ValueError, match="ascending"):
        knee([(200, 200, 5), (100, 100, 5)])
