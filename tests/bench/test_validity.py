import pytest

from bench.method import summary

import trials


def rules(cell, *made):
    return [one["rule"] for one in summary.measured(cell, list(made))["invalid"]]


def test_a_good_cell_has_nothing_amiss():
    assert rules(trials.cell(), *[trials.trial(rate) for rate in (100_000.0, 101_000.0, 99_000.0)]) == []


@pytest.mark.parametrize("errors", [{"status": 1}, {"read": 0, "timeout": 3}])
def test_wrong_answers(errors):
    assert rules(trials.cell(), trials.trial(), trials.trial(errors=errors)) == ["answers"]


@pytest.mark.parametrize(
    ("load", "server", "found"),
    [(0.96, 0.80, ["load"]), (0.96, 0.96, []), (0.94, 0.80, []), (1.0, 1.9, [])],
)
def test_a_load_generator_that_is_the_bottleneck(load, server, found):
    assert rules(trials.cell(), trials.trial(load_busy=load, server_busy=server)) == found


@pytest.mark.parametrize(
    ("mean_us", "busy", "found"),
    [
        (640.0, 0.0, []),
        (700.0, 0.0, []),
        (710.0, 0.0, ["littles-law"]),
        (710.0, 0.9, ["littles-law"]),
        (580.0, 0.0, []),
        (570.0, 0.0, ["littles-law"]),
        (320.0, 0.45, ["littles-law"]),
        (320.0, 0.55, []),  # the other half waited in the load generator, which was busy
    ],
)
def test_littles_law(mean_us, busy, found):
    made = trials.trial(raw_latency_us={**trials.LATENCIES, "mean": mean_us}, load_busy=busy)
    assert rules(trials.cell(), made) == found


@pytest.mark.parametrize(("mean_us", "found"), [(640.0, []), (580.0, []), (570.0, ["load"]), (710.0, ["littles-law"])])
def test_connections_that_wait_in_a_busy_load(mean_us, found):
    made = trials.trial(raw_latency_us={**trials.LATENCIES, "mean": mean_us}, load_busy=0.97)
    assert rules(trials.cell(), made) == found


def test_an_open_loop_has_as_many_under_way_as_it_takes():
    latencies = {"wrk_latency_us": None, "raw_latency_us": None, "latency_us": {**trials.LATENCIES, "mean": 5.0}}
    assert rules(trials.cell(rate=100_000), trials.trial(**latencies)) == []


def test_spread():
    cell = trials.cell()
    assert rules(cell, trials.trial(100_000.0), trials.trial(121_000.0), trials.trial(100_000.0)) == ["spread"]
    assert rules(cell, trials.trial(100_000.0), trials.trial(119_000.0), trials.trial(100_000.0)) == []
