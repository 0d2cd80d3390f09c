import pytest

from bench.method import summary

import trials


def test_figures_are_in_base_units():
    made = [trials.trial(rate, of="uv-loop") for rate in (90_000.0, 100_000.0, 110_000.0)]
    figures = summary.measured(trials.cell(), made)["figures"]
    assert figures["requests_per_second"]["values"] == [90_000.0, 100_000.0, 110_000.0]
    medians = {name: figure["median"] for name, figure in figures.items()}
    assert medians["cpu_seconds_per_request"] == pytest.approx(5e-6)
    assert medians["client_p99_seconds"] == pytest.approx(900e-6)
    assert medians["wrk_max_seconds"] == pytest.approx(1e-3)
    assert medians["server_p50_seconds"] == pytest.approx(104e-6)
    assert medians["voluntary_switches_per_request"] == pytest.approx(10 / 100_000)
    assert medians["involuntary_switches_per_request"] == pytest.approx(20 / 100_000)
    assert medians["peak_resident_bytes"] == 11 << 20


def test_phases_are_means_and_the_rest_is_of_the_median_round():
    made = [trials.trial(rate) for rate in (90_000.0, 130_000.0, 100_000.0)]
    made = [
        trials.trial(one.run.requests_per_second, stats=trials.stats("uv-loop", "json", handler))
        for one, handler in zip(made, (1e-3, 2e-3, 5e-3), strict=True)
    ]
    cell = summary.measured(trials.cell(), made)
    assert cell["phases"] == pytest.approx({"queue": 1e-6, "gil": 1e-6, "handler": 2e-3, "return": 1e-6, "write": 1e-6})
    assert cell["bound_by"] == {"verdict": "cpu", "because": "handlers take 0.005 s"}
    assert cell["percentiles"]["server"][0] == [0.0, pytest.approx(5e-3 + 4e-6)]
    assert cell["percentiles"]["client"] == [[0.0, 500e-6], [0.5, 600e-6], [1.0, 1e-3]]


def test_a_workload_with_other_parameters_is_found_by_what_tandem_calls_it():
    made = summary.measured(
        trials.cell(workload="primes-long"), [trials.trial(stats=trials.stats("uv-loop", "primes"))]
    )
    assert made["phases"]["handler"] == pytest.approx(1e-4)


def test_a_peer_says_nothing_of_itself():
    cell = summary.measured(trials.cell("nginx"), [trials.trial()])
    assert cell["phases"] is None and cell["bound_by"] is None and cell["percentiles"]["server"] is None
    assert not any(name.startswith("server_p") for name in cell["figures"])


def test_a_cell_is_compared_with_its_baseline_under_the_same_load():
    cells = [
        trials.cell("uv-loop"),
        trials.cell("py-threads"),
        trials.cell("uv-loop", connections=1),
        trials.cell("nginx", baseline=None),
    ]
    made = [[trials.trial(rate + i) for i in range(4)] for rate in (150_000.0, 100_000.0, 20_000.0, 160_000.0)]
    summaries = [summary.measured(cell, some) for cell, some in zip(cells, made, strict=True)]
    summary.compare(summaries, cells)
    against = summaries[0]["against"]
    assert against["requests_per_second"]["ratio"] == pytest.approx(1.5, rel=1e-3)
    assert against["requests_per_second"]["significant"]
    assert not against["resident_bytes"]["significant"]
    assert [one["against"] for one in summaries[1:]] == [None, None, None]


def test_an_unmeasured_baseline_compares_nothing():
    cells = [trials.cell("uv-loop"), trials.cell("py-threads")]
    summaries = [summary.measured(cells[0], [trials.trial()]), summary.unmeasured(cells[1], "failed", "did not start")]
    summary.compare(summaries, cells)
    assert summaries[0]["against"] is None
    assert summaries[1]["state"] == "failed" and summaries[1]["reason"] == "did not start"
