"""The length of a trial."""

import dataclasses

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


class Marked:
    """A server that counts its marks and switches."""

    def __init__(self):
        self.marks = 0

    def mark(self, name):
        self.marks += 1

    def context_switches(self):
        return (self.marks, 10 * self.marks)


def made_up_drive(monkeypatch, requests):
    """Replaces the load generator: its runs answer these numbers of requests. Returns the list of their lengths."""
    lengths, left = [], iter(requests)

    def drive(server, cell, seconds):
        lengths.append(seconds)
        return dataclasses.replace(trials.trial().run, requests=next(left))

    monkeypatch.setattr(trial, "drive", drive)
    return lengths


def test_a_run_without_an_answer_is_repeated_for_longer(monkeypatch):
    lengths, server = made_up_drive(monkeypatch, [0, 0, 7]), Marked()
    run, switched = trial.drive_marked(server, trials.cell(), 0.2)
    assert (run.requests, lengths) == (7, [0.2, 0.4, 0.8])
    assert switched == (3, 30)  # before the run that counts, which is also where the server's mark is


def test_a_run_that_is_long_enough_counts_without_an_answer(monkeypatch):
    lengths = made_up_drive(monkeypatch, [0, 0, 7])
    run, _ = trial.drive_marked(Marked(), trials.cell(), 6.0)
    assert (run.requests, lengths) == (0, [6.0, 12.0])


def test_an_open_loop_has_one_run(monkeypatch):
    lengths = made_up_drive(monkeypatch, [0, 7])
    run, _ = trial.drive_marked(Marked(), trials.cell(rate=100.0), 0.2)
    assert (run.requests, lengths) == (0, [0.2])
