"""wrk's correction is undone: for random histograms, corrected here in wrk's way, and for wrk itself."""

import collections
import random
import threading

import pytest

from bench.load import uncorrected, wrk
from bench.servers.tandem import Tandem

from support import BINARY, SANITIZED, Background


def corrected(raw, expected):
    """Corrects a histogram like wrk's stats.c: visits the values in ascending order, and adds counts to lower values.

    A lower value has been visited already, so added counts cause no further additions.
    """
    data = collections.Counter(raw)
    for value in range(2 * expected, max(raw) + 1):
        count, lower = data[value], value - expected
        while count and lower > expected:
            data[lower] += count
            lower -= expected
    return {value: count for value, count in data.items() if count}


@pytest.mark.parametrize("seed", range(200))
def test_undo_is_exact(seed):
    chance = random.Random(seed)
    most = chance.choice((20, 300, 5000))
    raw = collections.Counter(chance.randint(0, most) for _ in range(chance.randint(1, 400)))
    expected = chance.randint(1, most)
    assert uncorrected.undo(corrected(raw, expected), expected) == dict(raw)


def test_a_wrong_interval_is_noticed():
    with pytest.raises(ValueError, match="not corrected with an interval of 10 us"):
        uncorrected.undo({11: 1, 21: 2}, 10)


def test_the_interval_is_in_whole_numbers_as_wrk_has_it():
    assert uncorrected.expected_interval(1_000_500, 999, 10) == 1_000_500 // 99
    assert uncorrected.expected_interval(1_000_500, 9, 10) is None
    assert uncorrected.undo({5: 1, 50: 2}, None) == {5: 1, 50: 2}


def test_percentiles_of_a_histogram():
    histogram = {value: 1 for value in range(1, 1001)}
    expected = {"mean": 500.5, "p50": 500, "p90": 900, "p99": 990, "p999": 999, "max": 1000}
    assert uncorrected.summary(histogram) == expected
    curve = uncorrected.percentiles(histogram)
    assert [curve[0], curve[5], curve[-1]] == [[0, 1], [50, 500], [100, 1000]]
    assert uncorrected.summary({})["max"] == 0


@pytest.mark.alone
@pytest.mark.skipif(bool(SANITIZED), reason="wrk's load is for build/release")
def test_real_wrk_on_a_server_that_stalls(monkeypatch):
    """Without the correction, the counts add up to the number of answers.

    The stall is there once per connection, not a thousand times. It ends before wrk does, and is longer than the
    stalls of a busy machine.
    """
    kept = []
    undo = uncorrected.undo
    monkeypatch.setattr(uncorrected, "undo", lambda *args: kept.append((args, undo(*args))) or kept[-1][1])
    with Tandem("py-inline", binary=BINARY) as server:
        stall = Background(lambda: threading.Event().wait(0.3) or server.get("/sleep?ms=1000"))
        run = wrk.drive(server, "/plaintext", connections=4, seconds=3)
        assert stall.result()[0] == 200
    (rewritten, _), raw = kept[0]
    assert run.failed() == 0
    assert sum(raw.values()) == run.requests
    assert sum(rewritten.values()) > run.requests
    assert max(raw) > 900_000
    assert run.raw_latency_us["max"] == run.wrk_latency_us["max"] == max(raw)
    assert run.raw_latency_us["mean"] < run.wrk_latency_us["mean"]
    assert run.raw_percentiles[-1] == [100, run.raw_latency_us["max"]]
    assert sum(count for value, count in raw.items() if value > max(raw) / 2) <= 8
