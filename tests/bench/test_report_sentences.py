"""The sentences of the report claim no more than the figures and their significance support."""

import copy
import re

import pytest

from bench.report import article, cells, sentences

import made_up_results

WORKLOAD = "plaintext"


def figure(*values):
    return {"median": sorted(values)[len(values) // 2], "low": min(values), "high": max(values), "spread": 0.0} | {
        "values": list(values)
    }


def document(rates, baseline="py-threads", invalid=(), bound_by=None, limited=()):
    """Returns a document with one load and these values of requests/s: ``{server: [value, …]}``."""
    found = copy.deepcopy(made_up_results.document())
    found["cells"] = []
    for name, values in rates.items():
        cell = made_up_results.empty(name, WORKLOAD) | {"state": "measured", "bound_by": None}
        cell["figures"] = {"requests_per_second": figure(*values)}
        cell["percentiles"] = {"server": None, "client": None}
        cell["invalid"] = [{"rule": "spread", "because": "too far apart"}] if name in invalid else []
        if name in limited:
            cell["invalid"] = [{"rule": "load", "because": "the load was busy"}]
            cell["figures"]["cpu_seconds_per_request"] = figure(*(1 / value for value in values))
        if bound_by:
            cell["bound_by"] = {"verdict": bound_by, "because": "made up"}
        found["cells"].append(cell)
    found["experiment"]["baseline"] = baseline
    return found


def said(*arguments, **named):
    ((_, parts),) = [(one["load"], one["parts"]) for one in sentences.answers(document(*arguments, **named))]
    return re.sub(r"\s", " ", sentences.plain(parts))


def around(middle, distance=1):
    return [middle - 2 * distance, middle - distance, middle, middle + distance, middle + 2 * distance]


def test_a_clear_winner_is_compared_with_the_baseline():
    text = said({"py-threads": around(1000), "uv-loop": around(1200)})
    assert text.startswith("uv-loop is fastest: 1,200 requests/s, +20 % (+20 to +20) against py-threads.")


def test_from_twice_on_it_is_a_factor():
    assert "3.0 × (3.0 to 3.0) as much as py-threads" in said({"py-threads": around(1000), "uv-loop": around(3000)})


def test_the_baseline_itself_has_nothing_to_be_compared_with():
    text = said({"py-threads": around(1000), "uv-loop": around(500)})
    assert text == "py-threads is fastest: 1,000 requests/s."


def test_who_is_as_good_is_named():
    text = said({"py-threads": around(500), "uv-loop": around(1000, 9), "py-inline": around(1001, 9)})
    assert text.startswith("py-inline is fastest: 1,001 requests/s,")
    assert "; uv-loop is not told apart from it." in text
    text = said(
        {n: around(1000 + i, 9) for i, n in enumerate(("uv-loop", "py-inline"))} | {"py-threads": around(1002, 9)}
    )
    assert "fastest" not in text
    assert text.startswith("py-threads, py-inline and uv-loop are not told apart; the best median is 1,002")


def test_three_rounds_tell_nothing():
    text = said({"py-threads": [1000, 1001, 1002], "uv-loop": [2000, 2001, 2002]})
    assert "fastest" not in text
    assert "3 rounds of each are too few to tell them apart: it takes 4" in text


def test_one_round_tells_nothing_either():
    text = said({"py-threads": [1000], "uv-loop": [2000]})
    assert "one round of each is too few to tell them apart: it takes 4" in text


def test_what_is_invalid_wins_nothing():
    rates = {"py-threads": around(1000), "uv-loop": around(1200), "py-inline": around(900)}
    text = said(rates, invalid=["uv-loop"])
    assert text.startswith("py-threads is fastest")
    assert "Not to be relied on, and so not ranked: uv-loop (1,200 requests/s; rule spread)" in text
    assert "no ratio" in said(rates, invalid=["py-threads"])
    assert said(rates, invalid=list(rates)).startswith("No cell is to be relied on: uv-loop (1,200")
    assert said(rates, invalid=["uv-loop", "py-threads"]).startswith(
        "py-inline answers 900 requests/s; there is nothing"
    )


def test_where_the_load_generator_is_the_bottleneck_a_rate_is_a_lower_bound():
    rates = {"py-threads": around(1000), "uv-loop": around(2000), "py-inline": around(900)}
    text = said(rates, limited=["uv-loop"])
    assert text.startswith("uv-loop is fastest: at least 2,000 requests/s, at least 2.0 × (2.0 to 2.0) as much as py-")
    assert "The load generator was the bottleneck of uv-loop; CPU time per request: uv-loop 500 µs." in text
    assert "Not to be relied on" not in text


def test_a_lower_bound_is_told_apart_from_nothing_above_it():
    rates = {"py-threads": around(1000), "uv-loop": around(1200), "py-inline": around(1100)}
    text = said(rates, limited=["py-inline"])
    assert text.startswith("uv-loop is fastest: 1,200 requests/s")
    assert "; py-inline is not told apart from it." in text
    text = said(rates, limited=["uv-loop", "py-inline"])
    assert (
        "; py-inline is not told apart from it. The load generator was the bottleneck of uv-loop and py-inline" in text
    )


def test_what_limits_is_said():
    assert said({"uv-loop": around(10)}, bound_by="gil").endswith("Bottleneck: the GIL (uv-loop).")


def test_an_open_loop_is_judged_by_latency():
    found = document({"py-threads": around(1000), "uv-loop": around(1000)})
    for cell, seconds in zip(found["cells"], (0.2, 0.1), strict=True):
        cell["rate"] = 1000
        cell["figures"]["client_p99_seconds"] = figure(*(seconds * (1 + place / 100) for place in range(5)))
    (answer,) = sentences.answers(found)
    assert sentences.plain(answer["parts"]).startswith("uv-loop has the lowest latency: 102\N{NO-BREAK SPACE}ms at")


def test_nothing_measured():
    found = document({"uv-loop": around(1)})
    found["cells"] = [made_up_results.empty("uv-loop", WORKLOAD) | {"reason": "none"}]
    assert [sentences.plain(one["parts"]) for one in sentences.answers(found)] == ["Nothing could be measured."]


def test_the_main_load_is_the_closed_loop_with_most_servers():
    load, _ = cells.main(made_up_results.document(), "plaintext")
    assert load == cells.Load("plaintext", 64, None, 0, "split")


@pytest.mark.parametrize("wanted", [["express", "fastapi-uvicorn"], ["uv-loop", "py-threads"], []])
def test_the_articles_table_has_the_pairs_that_were_measured(wanted):
    found = made_up_results.document()
    found["cells"] = [cell for cell in found["cells"] if cell["server"] in wanted]
    pairs = article.pairs(found)
    assert [list(pair.servers) for pair in pairs] == [wanted][: len(wanted)]
    for pair in pairs:
        assert pair.workload == "json"
        for _, first, second, difference in pair.rows:
            assert first.value and second.value
            assert difference.detail.startswith("[")
            assert difference.text == "~" or difference.text.endswith("%")


def test_a_baseline_is_named_only_where_it_is_that_of_all():
    found = document({"py-threads": around(1000), "uv-loop": around(1200)})
    numbered = cells.numbered(found)
    assert cells.baseline_name(found, numbered) == "py-threads"
    numbered[0]["baseline"] = "express"
    assert cells.baseline_name(found, numbered) is None
