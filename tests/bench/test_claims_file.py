"""bench/claims.toml is well-formed, measured by its experiment, and explained in docs/claims.md.

It decides nothing in advance: the figures alone make each verdict.
"""

import io
import json
import math
from dataclasses import replace

import pytest
from measurements import chosen_by
from rich.console import Console

from bench.claims import claims, judge, lines, show
from bench.method import experiment
from bench.report import schema
from bench.servers import peer
from bench.servers.server import Failed
from bench.servers.tandem import TOP

import made_up_results

KNOWN = claims.read()
EACH_CASE = [pytest.param(claim, case, id=f"{claim.id}: {case.label}") for claim in KNOWN for case in claim.cases]
RATIOS = {
    "ratio": lambda number: number,
    "percent more": lambda number: 1 + number / 100,
    "percent less": lambda number: 1 - number / 100,
    "share": lambda number: number / 100,
}
GOOD = {
    "id": "one",
    "quote": "it is",
    "article": "2",
    "about": "a test",
    "figure": "requests_per_second",
    "measure": "ratio",
    "holds": {"at_least": 2},
    "load": {"workload": "json"},
    "case": [{"label": "first", "of": "uv-loop", "to": "py-threads"}],
}


def inside(threshold):
    if math.isinf(threshold.low):
        return threshold.high / 2
    return threshold.low * 2 if math.isinf(threshold.high) else (threshold.low + threshold.high) / 2


def outside(threshold):
    return threshold.high * 2 if math.isinf(threshold.low) else threshold.low / 2


def cells_that_give(case, number):
    """Returns cells from which the case measures that number."""
    if case.measure == "value":
        return [chosen_by(case.of, {case.figure: number})]
    if case.measure == "per connection":
        return [chosen_by(one, {case.figure: 50e6 + one.idle * number}) for one in case.selectors()]
    return [
        chosen_by(case.of, {case.figure: 1000 * RATIOS[case.measure](number)}),
        chosen_by(case.to, {case.figure: 1000}),
    ]


@pytest.mark.parametrize(("claim", "case"), EACH_CASE)
def test_the_numbers_decide(claim, case, monkeypatch):
    """Each case of each claim is judged by cells on both sides of its threshold."""
    for choose, verdict in ((inside, "holds"), (outside, "does not")):
        number = choose(case.holds)
        if case.measure == "lines":
            counts = {case.of: round(1000 * (1 - number / 100)), case.to: 1000}
            monkeypatch.setattr(lines, "count", counts.get)
            cells = []
        else:
            cells = cells_that_give(case, number)
        (found,) = judge({"cells": cells}, [replace(claim, cases=(case,))])
        assert found["cases"][0]["measured"] == pytest.approx(number)
        assert found["verdict"] == found["cases"][0]["verdict"] == verdict


def test_there_are_twelve_claims_of_several_cases():
    assert len(KNOWN) == 12
    assert all(len(claim.cases) >= 3 for claim in KNOWN)


def test_each_claim_is_explained():
    page = (TOP / "docs" / "claims.md").read_text().replace("\n", " ")
    assert [claim.id for claim in KNOWN if f"`{claim.id}`" not in page] == []


@pytest.mark.skipif("express" not in peer.names(), reason="the peers are not here")
def test_the_experiment_has_each_cell_and_no_other():
    measured = {cell.key for cell in experiment.read("claims").cells}
    wanted = {selector.key for claim in KNOWN for case in claim.cases for selector in case.selectors()}
    assert measured == wanted


@pytest.mark.skipif("express" not in peer.names(), reason="the peers are not here")
def test_sources_are_there():
    counted = [case for claim in KNOWN for case in claim.cases if case.measure == "lines"]
    assert [case.label for case in counted if not lines.count(case.of) or not lines.count(case.to)] == []


def test_without_cells_nothing_is_said():
    found = judge({"cells": []}, [claim for claim in KNOWN if claim.id != "lines"])
    assert {claim["verdict"] for claim in found} == {"not measured"}


def test_results_json_has_them_by_its_schema():
    document = made_up_results.document()
    cells = [
        cell
        for claim in KNOWN
        for case in claim.cases[:1]
        if case.selectors()
        for cell in cells_that_give(case, inside(case.holds))
    ]
    document["claims"] = judge({"cells": cells})
    schema.validate(json.loads(json.dumps(document, allow_nan=False)))


def test_the_table_shows_each_case():
    (claim,) = (one for one in KNOWN if one.id == "memory")
    cells = [
        cell
        for number, case in zip((32, 60, 32, 22, 0), claim.cases, strict=True)
        for cell in cells_that_give(case, number)
    ]
    output = io.StringIO()
    show(Console(file=output, width=160), judge({"cells": cells}, [claim]))
    text = output.getvalue()
    for shown in (claim.quote, claim.article, "21 % to 43 %", "does not", *(case.label for case in claim.cases)):
        assert shown in text


def wrong(**claim):
    return {"claim": [{**GOOD, **claim}]}


def wrong_case(**case):
    return wrong(case=[{**GOOD["case"][0], **case}])


def without(key):
    return {"claim": [{name: value for name, value in GOOD.items() if name != key}]}


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"claims": []}, "own.toml: unknown key 'claims'"),
        (wrong(verdict="holds"), "claim 'one': unknown key 'verdict'"),
        (without("about"), "claim 'one': has no 'about'"),
        (without("id"), "claim '?': has no 'id'"),
        (without("figure"), "claim 'one', case 'first': has no 'figure'"),
        (without("holds"), "claim 'one', case 'first': has no 'holds'"),
        (without("load"), "claim 'one', case 'first': has no 'workload'"),
        ({"claim": [GOOD, GOOD]}, "two claims have the id 'one'"),
        (wrong(case=GOOD["case"] * 2), "claim 'one': two cases have the same label"),
        (wrong(case=[]), "claim 'one': has no case"),
        (wrong_case(why="so"), "claim 'one', case 'first': unknown key 'why'"),
        (wrong_case(measure="difference"), "no measure 'difference'; there are: value, ratio"),
        (wrong_case(measure="value"), "'value' knows no 'to'"),
        (wrong_case(measure="per connection"), "'of' needs more idle connections than 'to'"),
        (wrong_case(of={"idle": 5}), "has no 'server'"),
        (wrong_case(of={"server": "uv-loop", "threads": 5}), "unknown key 'threads'"),
        (wrong_case(of=5), "a table is wanted, not 5"),
        (wrong_case(load={"core": "shared"}), "unknown key 'core'"),
        (wrong_case(holds={}), "'holds' has one of: at_least, at_most, between"),
        (wrong_case(holds={"at_least": 1, "at_most": 2}), "'holds' has one of"),
        (wrong_case(holds={"above": 1}), "holds: unknown key 'above'"),
        (wrong_case(holds={"between": [2, 1]}), "holds between 2 and 1: nothing does"),
        (wrong_case(holds={"between": [1]}), "'between' has two numbers"),
        (wrong_case(holds={"at_least": "2"}), "'at_least' is a number, not '2'"),
    ],
)
def test_what_is_wrong_is_named(document, complaint):
    with pytest.raises(Failed) as failure:
        claims.parse(document, "own.toml")
    assert complaint in str(failure.value)
    assert str(failure.value).startswith("own.toml: ")


def test_a_file_that_is_no_toml(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[[claim]\n")
    with pytest.raises(Failed, match=r"own\.toml: "):
        claims.read(path)
