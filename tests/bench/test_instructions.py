"""Instructions per request: the figure, the limit of an increase, and the count of callgrind."""

import json
import shutil
from contextlib import contextmanager

import pytest

from bench.instructions import counting, guard, parent, recorded
from bench.instructions.cells import CELLS, Cell
from bench.instructions.guard import Comparison, Row
from bench.servers.server import Failed
from bench.servers.tandem import models

from support import BINARY, SANITIZED


@contextmanager
def no_progress(steps):
    yield lambda text: None


def test_every_model_and_both_interfaces_are_counted():
    names = {cell.name for cell in CELLS}
    apps = {"wsgi in py-inline", "asgi in py-asyncio"}
    in_batches = {f"{name}, 32 connections" for name in {"plaintext in uv-loop", *apps}}
    assert names == {*(f"plaintext in {model}" for model in models()), *apps, *in_batches}


def test_the_committed_figures_have_them_all():
    figures = recorded.read()
    assert {cell.name for cell in CELLS} == set(figures["cells"])
    assert set(figures["environment"]) == {
        *("compiler", "build", "tandem", "python", "libc", "valgrind", "processor"),
    }
    for cell in figures["cells"].values():
        assert cell["instructions"] > 1000 and 0 <= cell["spread"] < 0.1 and cell["runs"] >= 5


def test_the_spread_is_that_of_the_run_that_is_furthest_off():
    assert counting.median([100, 104, 101]) == 101
    assert counting.spread([100, 104, 101]) == pytest.approx(3 / 101)
    assert counting.spread([7, 7]) == 0


def test_a_server_that_works_while_nobody_asks_is_not_counted():
    assert counting.of_requests(1000, 250, CELLS[0]) == 750
    with pytest.raises(Failed, match="plaintext in uv-loop: 26% of the instructions are not of requests"):
        counting.of_requests(1000, 260, CELLS[0])


@pytest.mark.parametrize(
    ("now", "spread", "worse", "better"),
    [
        (1020, 0.0, False, False),  # 2 % always count as noise
        (1021, 0.0, True, False),
        (1021, 0.011, False, False),  # twice the spread
        (1023, 0.011, True, False),
        (980, 0.0, False, False),
        (979, 0.0, False, True),
    ],
)
def test_more_than_twice_the_spread_is_too_many(now, spread, worse, better):
    row = Row("plaintext", now, 1000, spread)
    assert (row.worse, row.better) == (worse, better)
    assert Comparison("committed", (), (row,)).failed == worse


def made_up(counts):
    """Returns a measure() that returns these counts of each binary."""

    def measure(cells, binaries, runs, progress_of):
        return {(cell.name, binary): counts[binary] for cell in cells for binary in binaries}

    return measure


def test_in_the_recorded_environment_the_committed_figures_count(monkeypatch):
    figures = {
        "environment": {"libc": "1"},
        "cells": {cell.name: {"instructions": 1000, "spread": 0.001} for cell in CELLS},
    }
    monkeypatch.setattr(recorded, "read", lambda: figures)
    monkeypatch.setattr(recorded, "environment", lambda: {"libc": "1"})
    monkeypatch.setattr(counting, "measure", made_up({guard.TANDEM: [1000, 1030, 1025]}))
    found = guard.compare(no_progress)
    assert (found.before, found.reasons, found.failed) == ("committed", (), True)
    del figures["cells"][CELLS[0].name]
    with pytest.raises(Failed, match=r"has no figure of plaintext in uv-loop: \./dev bench instructions --record"):
        guard.compare(no_progress)


def test_elsewhere_the_parent_commit_is_measured_beside(monkeypatch):
    monkeypatch.setattr(recorded, "read", lambda: {"environment": {"libc": "1"}, "cells": {}})
    monkeypatch.setattr(recorded, "environment", lambda: {"libc": "2"})
    monkeypatch.setattr(parent, "build", lambda: ("0123456789abcdef", "theirs"))
    monkeypatch.setattr(counting, "measure", made_up({guard.TANDEM: [1011, 1000], "theirs": [1000, 1010]}))
    found = guard.compare(no_progress)
    assert (found.before, found.reasons) == ("parent 0123456789ab", ("libc: 2, recorded with 1",))
    assert not found.failed


def test_recorded_figures_are_read_again(tmp_path):
    path = tmp_path / "figures.json"
    recorded.write({"plaintext in uv-loop": [1000, 1010, 1001]}, {"libc": "1"}, path)
    assert recorded.read(path) == {
        "environment": {"libc": "1"},
        "cells": {"plaintext in uv-loop": {"instructions": 1001, "spread": 0.009, "runs": 3}},
    }
    assert json.loads(path.read_text())


@pytest.mark.alone
@pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer and callgrind do not go together")
@pytest.mark.skipif(not shutil.which("vgdb"), reason="needs valgrind")
def test_callgrind_counts_what_a_request_costs(monkeypatch):
    """More work takes more instructions. The same work takes the same number, within a few per cent, and fewer in
    batches."""
    monkeypatch.setattr(counting, "REQUESTS", 100)
    monkeypatch.setattr(counting, "WARM_UP_REQUESTS", 100)
    cells = [
        Cell("plaintext", ("--mode", "uv-loop"), "/plaintext", b"Hello, World!"),
        Cell("a loop", ("--mode", "uv-loop"), "/primes?n=1000", b'{"n":1000,"primes":168}'),
        Cell("in batches", ("--mode", "uv-loop"), "/plaintext", b"Hello, World!", connections=8),
    ]
    found = counting.measure(cells, [BINARY], 2, no_progress)
    plaintext, loop, in_batches = (found[cell.name, BINARY] for cell in cells)
    assert min(plaintext) > 1000
    assert max(plaintext) / min(plaintext) < 1.05
    assert min(loop) > max(plaintext) + 10_000
    assert 1000 < max(in_batches) < 0.9 * min(plaintext)


@pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer and callgrind do not go together")
@pytest.mark.skipif(not shutil.which("vgdb"), reason="needs valgrind")
def test_a_wrong_answer_is_not_counted(monkeypatch):
    monkeypatch.setattr(counting, "FIRST_REQUESTS", 1)
    cell = Cell("plaintext", ("--mode", "uv-loop"), "/plaintext", b"Good-bye!")
    with pytest.raises(Failed, match=r"is answered with b'HTTP/1.1 200 OK.* and b'Hello, World!'"):
        counting.measure([cell], [BINARY], 1, no_progress)
