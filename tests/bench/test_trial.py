"""The length of a trial."""

import pytest

from bench.method import trial

import trials


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        (100_000.0, 1.0),  # the experiment's length: an answer takes 0.64 ms
        (512.0, 1.0),  # eight answers of 125 ms
        (256.0, 2.0),
        (64.0, 8.0),
        (1.0, 10.0),  # the limit
        (0.0, 10.0),  # the warm-up saw no answer at all
    ],
)
def test_slow_answers_are_driven_longer(rate, seconds):
    assert trial.seconds_of(trials.cell(seconds=1.0), rate) == seconds


def test_an_experiment_may_say_longer():
    assert trial.seconds_of(trials.cell(seconds=20.0), 1.0) == 20.0


def test_an_open_loop_lasts_as_long_as_is_said():
    assert trial.seconds_of(trials.cell(rate=100.0, seconds=1.0), 1.0) == 1.0
