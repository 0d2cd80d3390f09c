import pytest

from bench.method import rounds, trial
from bench.servers.server import Failed, Unsupported

import trials


@pytest.fixture
def measured(monkeypatch):
    """The cells in the order of their measurement, and a dict ``{cell: exception}`` of measurements that fail."""
    order, raises = [], {}

    def measure(cell):
        order.append(cell)
        if cell in raises:
            raise raises[cell]
        return trials.trial(float(100_000 + len(order)))

    monkeypatch.setattr(trial, "measure", measure)
    order_and_raises = (order, raises)
    return order_and_raises


CELLS = [
    trials.cell(server, workload) for server in ("uv-loop", "uv-pool", "py-threads") for workload in ("json", "echo")
]


def test_every_round_goes_through_every_cell_in_an_order_of_its_own(measured):
    order, _ = measured
    found = rounds.run(CELLS, 7, lambda text: None)
    turns = [order[i : i + len(CELLS)] for i in range(0, len(order), len(CELLS))]
    assert len(turns) == 4
    assert all(set(turn) == set(CELLS) for turn in turns)
    assert len({tuple(turn) for turn in turns}) > 1
    assert all(len(one.trials) == 4 for one in found.values())


def test_the_seed_is_the_order(measured):
    order, _ = measured
    for seed in (7, 7, 8):
        rounds.run(CELLS, seed, lambda text: None)
    third = len(order) // 3
    assert order[:third] == order[third : 2 * third] != order[2 * third :]


def test_cells_with_fewer_rounds_end_earlier(measured):
    order, _ = measured
    few = trials.cell(rounds=1)
    rounds.run([few, trials.cell("uv-pool")], 1, lambda text: None)
    assert order.count(few) == 1 and len(order) == 5


@pytest.mark.parametrize(
    ("error", "state"), [(Failed("bad answer"), "failed"), (Unsupported("no NumPy"), "unsupported")]
)
def test_what_cannot_be_measured_is_told_and_costs_the_others_nothing(measured, error, state):
    order, raises = measured
    raises[CELLS[0]] = error
    found = rounds.run(CELLS, 1, lambda text: None)
    assert order.count(CELLS[0]) == 1
    summary = rounds.summarise(CELLS[0], found[CELLS[0]])
    assert (summary["state"], summary["reason"]) == (state, str(error))
    assert all(len(found[cell].trials) == 4 for cell in CELLS[1:])


def test_a_workload_that_a_peer_does_not_have(measured):
    order, _ = measured
    cell = trials.cell("nginx", "hash")
    found = rounds.run([cell], 1, lambda text: None)
    assert not order
    assert (found[cell].state, found[cell].reason) == ("unsupported", "nginx has no hash")
