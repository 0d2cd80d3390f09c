"""Claims judged by made-up cells: each measure, each verdict, each reason for which a cell is unreliable."""

import io

import pytest
from measurements import cell, invalid, rate
from rich.console import Console

from bench.claims import claims, judge, lines, show
from bench.claims.table import NOTHING_JUDGED
from bench.claims.verdicts import conclude

CASE = {
    "label": "one against the other",
    "figure": "requests_per_second",
    "measure": "ratio",
    "holds": {"at_least": 2},
    "load": {"workload": "json"},
    "of": "uv-loop",
    "to": "py-threads",
}
TEXTS = {"id": "one", "quote": "it is faster", "article": "twice", "about": "a test"}
LATENCY = "client_p50_seconds"


def claim_of(*cases):
    return claims.parse({"claim": [{**TEXTS, "case": [{**CASE, **case} for case in cases]}]}, "own.toml")


def verdict_of(cells, **case):
    if case.get("to", "") is None:
        case = {**CASE, **case}
        del case["to"]
        chosen = claims.parse({"claim": [{**TEXTS, "case": [case]}]}, "own.toml")
    else:
        chosen = claim_of(case)
    (claim,) = judge({"cells": cells}, chosen)
    (found,) = claim["cases"]
    assert claim["verdict"] == found["verdict"]
    return found


@pytest.mark.parametrize(
    ("measure", "holds", "ours", "measured", "verdict"),
    [
        ("ratio", {"at_least": 2}, 300, 3, "holds"),
        ("ratio", {"at_least": 2}, 150, 1.5, "does not"),
        ("ratio", {"at_least": 2}, 200, 2, "open"),
        ("ratio", {"at_most": 2}, 150, 1.5, "holds"),
        ("ratio", {"at_most": 2}, 300, 3, "does not"),
        ("percent more", {"between": [40, 70]}, 155, 55, "holds"),
        ("percent more", {"between": [40, 70]}, 190, 90, "does not"),
        ("percent more", {"between": [40, 70]}, 110, 10, "does not"),
        ("percent more", {"between": [40, 70]}, 170, 70, "open"),
        ("percent less", {"at_least": 30}, 60, 40, "holds"),
        ("percent less", {"at_least": 30}, 90, 10, "does not"),
        ("percent less", {"at_least": 30}, 70, 30, "open"),
        ("share", {"at_least": 80}, 90, 90, "holds"),
        ("share", {"at_least": 80}, 50, 50, "does not"),
        ("share", {"at_least": 80}, 80, 80, "open"),
    ],
)
def test_two_cells_compared(measure, holds, ours, measured, verdict):
    found = verdict_of([rate("uv-loop", ours), rate("py-threads", 100)], measure=measure, holds=holds)
    assert found["verdict"] == verdict
    assert found["measured"] == pytest.approx(measured)
    assert found["low"] < found["measured"] < found["high"]
    assert found["unit"] == ("×" if measure == "ratio" else "%")
    assert found["because"] is None


@pytest.mark.parametrize(("seconds", "verdict"), [(0.3, "holds"), (0.8, "does not"), (0.4, "open")])
def test_a_value_by_itself(seconds, verdict):
    cells = [cell("uv-loop", {"startup_seconds": seconds})]
    found = verdict_of(cells, figure="startup_seconds", measure="value", holds={"between": [0.2, 0.4]}, to=None)
    assert (found["verdict"], found["unit"], found["to"]) == (verdict, "seconds", None)
    assert found["measured"] == pytest.approx(seconds)


@pytest.mark.parametrize(("bytes_each", "verdict"), [(9_000, "holds"), (40_000, "does not"), (16_384, "open")])
def test_what_each_idle_connection_takes(bytes_each, verdict):
    """The levels of the rounds differ far more than the measured difference. Within a round the level cancels out."""
    levels = [30e6, 31e6, 55e6, 30e6, 29e6]
    jitter = [0.99, 1.01, 1.0, 0.995, 1.005]
    with_idle = [level + 1000 * bytes_each * one for level, one in zip(levels, jitter, strict=True)]
    cells = [
        cell("uv-loop", {"resident_bytes": with_idle}, idle=1000),
        cell("uv-loop", {"resident_bytes": levels}),
    ]
    found = verdict_of(
        cells,
        figure="resident_bytes",
        measure="per connection",
        holds={"at_most": 16384},
        of={"server": "uv-loop", "idle": 1000},
        to="uv-loop",
    )
    assert (found["verdict"], found["unit"]) == (verdict, "bytes")
    assert found["measured"] == pytest.approx(bytes_each)
    assert found["of"]["idle"] == 1000


@pytest.mark.parametrize(("ours", "verdict"), [(60, "holds"), (90, "does not")])
def test_lines(monkeypatch, ours, verdict):
    monkeypatch.setattr(lines, "count", {("a.py",): ours, ("b.js",): 100}.get)
    found = verdict_of([], measure="lines", holds={"at_least": 25}, of=["a.py"], to=["b.js"])
    assert found["verdict"] == verdict
    assert found["measured"] == found["low"] == found["high"] == pytest.approx(100 - ours)


def test_lines_of_what_is_not_there():
    found = verdict_of([], measure="lines", holds={"at_least": 25}, of=["no/*.py"], to=["dev"])
    assert (found["verdict"], found["measured"]) == ("not measured", None)


def test_lines_are_counted_without_comments_docstrings_and_blank_lines(tmp_path):
    (tmp_path / "one.py").write_text('"""Said."""\n\nimport os  # why\n\n\ndef f():\n    """Said."""\n    return os\n')
    (tmp_path / "one.js").write_text("// said\nfunction f() {\n\n    return 1;\n}\n")
    (tmp_path / "one.c").write_text("/* said\n * more */\n#include <stdio.h>\n\nint f(void)\n{\n    return 1;\n}\n")
    assert [lines.count([f"one.{kind}"], tmp_path) for kind in ("py", "js", "c")] == [3, 3, 5]
    assert lines.count(["one.*", "one.c"], tmp_path) == 11
    assert lines.count(["one.*", "two.c"], tmp_path) is None


@pytest.mark.parametrize(
    ("others", "because"),
    [
        (lambda: [], "json in py-threads, 64 connections: not among the cells"),
        (lambda: [rate("py-threads", 100, connections=400)], "not among the cells"),
        (lambda: [cell("py-threads", state="failed", reason="it fell")], "failed: it fell"),
        (lambda: [cell("py-threads", state="unsupported", reason="no json")], "unsupported: no json"),
        (lambda: [cell("py-threads", {LATENCY: 1.0})], "has no requests_per_second"),
        (lambda: [rate("py-threads", [0.0] * 5)], "is zero in a round"),
    ],
)
def test_not_measured(others, because):
    found = verdict_of([rate("uv-loop", 300), *others()])
    assert (found["verdict"], found["measured"], found["low"], found["high"]) == ("not measured", None, None, None)
    assert because in found["because"]


@pytest.mark.parametrize(
    ("figure", "holds", "limited", "ours", "verdict", "open_end"),
    [
        ("requests_per_second", {"at_least": 2}, "of", 300, "holds", "high"),  # 3 or more
        ("requests_per_second", {"at_least": 2}, "of", 150, "open", "high"),  # 1.5 or more
        ("requests_per_second", {"at_most": 2}, "of", 300, "does not", "high"),
        ("requests_per_second", {"at_least": 2}, "to", 300, "open", None),  # 3 or less
        ("requests_per_second", {"at_least": 2}, "to", 150, "does not", None),
        (LATENCY, {"at_most": 0.5}, "of", 40, "holds", None),  # 0.4 or less
        (LATENCY, {"at_most": 0.5}, "of", 80, "open", None),
        (LATENCY, {"at_most": 0.5}, "to", 80, "does not", "high"),  # 0.8 or more
    ],
)
def test_where_the_load_generator_was_the_bottleneck_the_figure_is_a_bound(
    figure, holds, limited, ours, verdict, open_end
):
    marks = {"of": [], "to": [], limited: invalid("load")}
    cells = [
        cell("uv-loop", {figure: ours}, invalid=marks["of"]),
        cell("py-threads", {figure: 100}, invalid=marks["to"]),
    ]
    found = verdict_of(cells, figure=figure, holds=holds)
    assert found["verdict"] == verdict
    assert (found["high"] is None) == (open_end == "high")
    assert found["low"] == 0 or open_end == "high"
    assert "load is amiss" in found["because"]


@pytest.mark.parametrize(
    ("rule", "figure", "verdict"),
    [
        ("spread", "requests_per_second", "holds"),
        ("littles-law", "requests_per_second", "open"),
        ("littles-law", LATENCY, "open"),
        ("littles-law", "resident_bytes", "holds"),
        ("load", "resident_bytes", "holds"),
        ("answers", "resident_bytes", "open"),
        ("answers", "startup_seconds", "holds"),
        ("a later rule", "requests_per_second", "open"),
    ],
)
def test_what_else_is_not_to_be_relied_on(rule, figure, verdict):
    cells = [cell("uv-loop", {figure: 300}, invalid=invalid(rule)), cell("py-threads", {figure: 100})]
    found = verdict_of(cells, figure=figure)
    assert found["verdict"] == verdict
    assert found["measured"] == pytest.approx(3)
    concerned = verdict == "open" or rule == "spread"
    assert found["because"] == (f"json in uv-loop, 64 connections: {rule} is amiss" if concerned else None)


@pytest.mark.parametrize(
    ("verdicts", "verdict", "because"),
    [
        (["holds", "holds"], "holds", "holds in all 2 cases"),
        (["holds"], "holds", "holds in the one case"),
        (["does not", "open"], "does not", "does not in 1 of 2 cases; open for case 1"),
        (["holds", "does not", "holds"], "depends", "holds for case 0 · case 2; not for case 1"),
        (["open", "not measured"], "open", "open for case 0; 1 of 2 cases not measured"),
        (["not measured", "not measured"], "not measured", "all 2 cases not measured"),
        (["holds", "not measured"], "holds", "holds in 1 of 2 cases; 1 of 2 cases not measured"),
    ],
)
def test_cases_decide_the_claim(verdicts, verdict, because):
    cases = [{"label": f"case {number}", "verdict": one} for number, one in enumerate(verdicts)]
    assert conclude(cases) == (verdict, because)


def test_a_claim_as_results_json_has_it():
    cells = [rate("uv-loop", 300), rate("py-threads", 100)]
    (claim,) = judge({"cells": cells}, claim_of({}, {"label": "the other way", "holds": {"at_most": 2}}))
    assert {key: claim[key] for key in TEXTS} == TEXTS
    assert claim["verdict"] == "depends"
    assert claim["because"] == "holds for one against the other; not for the other way"
    other = claim["cases"][1]
    assert other["threshold"] == {"low": None, "high": 2}
    assert (other["figure"], other["measure"]) == ("requests_per_second", "ratio")
    load = {"workload": "json", "connections": 64, "rate": None, "idle": 0, "cores": "split"}
    assert other["of"] == {"server": "uv-loop", **load}


def test_a_part_of_its_cells_does_not_judge_a_claim():
    cells = [rate("uv-loop", 300), rate("py-threads", 100)]
    (claim,) = judge({"cells": cells}, claim_of({}, {"label": "another", "of": "nginx"}))
    assert [case["verdict"] for case in claim["cases"]] == ["holds", "not measured"]
    assert claim["verdict"] == "not measured"
    assert claim["because"] == "cells of 1 of 2 cases are not in this run"


@pytest.mark.parametrize("case", [{}, {"measure": "value", "to": None}])
def test_one_round_decides_nothing(case):
    cells = [rate("uv-loop", [900]), rate("py-threads", [100])]
    found = verdict_of(cells, **case)
    assert (found["verdict"], found["high"]) == ("open", None)
    assert found["measured"] == (9 if not case else 900)
    assert "one round has no interval" in found["because"]


def test_a_table_of_nothing_is_not_shown():
    (claim,) = judge({"cells": []}, claim_of({}))
    text = io.StringIO()
    show(Console(file=text, width=200), [claim])
    assert text.getvalue().strip() == NOTHING_JUDGED
