"""results.json is as docs/results.md says. The schema accepts valid documents, and names the place of an error."""

import copy
import json

import pytest

from bench import report
from bench.method import validity
from bench.report import schema

import made_up_results

DOCUMENT = made_up_results.document()

# One cell of each state and one more. They suffice for the changes below, and are checked quickly.
STATES = {cell["state"]: cell for cell in DOCUMENT["cells"]}
SMALL = {**DOCUMENT, "cells": [*DOCUMENT["cells"][:2], STATES["unsupported"], STATES["failed"]]}


def changed(path, value):
    """Returns the document with another value at that path. ``...`` removes the key."""
    document = copy.deepcopy(SMALL)
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def number_of(state):
    return next(number for number, cell in enumerate(SMALL["cells"]) if cell["state"] == state)


def test_the_made_up_document_has_everything():
    schema.validate(DOCUMENT)
    cells = DOCUMENT["cells"]
    assert {cell["state"] for cell in cells} == {"measured", "unsupported", "failed"}
    assert any(cell["invalid"] for cell in cells)
    assert any(cell["rate"] for cell in cells) and any(cell["idle"] for cell in cells)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("schema",), 1, "$.schema"),
        (("extra",), 1, "extra"),
        (("environment", "kernel"), ..., "$.environment"),
        (("environment", "host"), "a", "$.environment"),
        (("experiment", "rounds"), 0, "$.experiment.rounds"),
        (("servers", "express", "kind"), "tandem?", "$.servers"),
        (("servers", "express", "command"), ["node"], "$.servers"),
        (("workloads", "json", "path"), "json", "$.workloads"),
        (("cells", 0, "connections"), 0, "$.cells[0].connections"),
        (("cells", 0, "cores"), "both", "$.cells[0].cores"),
        (("cells", 0, "rate"), 0, "$.cells[0].rate"),
        (("cells", 0, "state"), "unsupported", "$.cells[0]"),
        (("cells", 0, "reason"), "why", "$.cells[0].reason"),
        (("cells", 0, "figures", "requests_per_second"), ..., "$.cells[0].figures"),
        (("cells", 0, "figures", "client_p95_seconds"), made_up_results.against, "$.cells[0].figures"),
        (("cells", 0, "figures", "requests_per_second", "values"), [], "$.cells[0].figures.requests_per_second.values"),
        (("cells", 0, "invalid"), [{"rule": "load"}], "$.cells[0].invalid[0]"),
        (("cells", 0, "phases", "gil"), -1, "$.cells[0].phases"),
        (("cells", 0, "bound_by", "verdict"), "luck", "$.cells[0].bound_by"),
        (("cells", 0, "percentiles", "client"), [[0.5]], "$.cells[0].percentiles"),
        (("cells", 0, "percentiles", "client"), [[1.5, 1]], "$.cells[0].percentiles"),
        (("cells", 0, "server"), "nobody", "$.cells[0].server: 'nobody'"),
        (("cells", 0, "workload"), "nothing", "$.cells[0].workload: 'nothing'"),
        (("cells", 1), DOCUMENT["cells"][0], "$.cells[1]: a second one"),
        (("cells", number_of("failed"), "reason"), None, "reason"),
        (("cells", number_of("failed"), "figures"), DOCUMENT["cells"][0]["figures"], "figures"),
        (("claims", 0, "verdict"), "true", "$.claims[0].verdict"),
        (("claims", 0, "cases", 0, "verdict"), "depends", "$.claims[0].cases[0].verdict"),
    ],
)
def test_what_is_wrong_is_refused_and_named(path, value, where):
    document = changed(path, value)
    with pytest.raises(schema.Invalid) as refusal:
        schema.validate(document)
    assert where in str(refusal.value)


@pytest.mark.parametrize("text", ["{", '{"schema": NaN}', "[]", "\x00"])
def test_a_file_that_is_none_is_named(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(schema.Invalid, match=r"results\.json"):
        report.read(path)


def test_a_file_is_read_as_it_was_written(tmp_path):
    written = report.write(SMALL, tmp_path / "new")
    assert [path.name for path in written] == ["results.json", "report.html", "report.md"]
    assert all(path.stat().st_size for path in written)
    assert report.read(written[0]) == SMALL
    with pytest.raises(schema.Invalid):
        report.read(tmp_path / "nothing.json")


def test_each_rule_is_put_into_words():
    assert all(validity.document().values())
    schema.validate({**DOCUMENT, "rules": validity.document()})


def test_every_key_of_the_schema_is_described():
    described = (schema.SCHEMA.parent.parent.parent / "docs" / "results.md").read_text()
    document = json.loads(schema.SCHEMA.read_text())
    keys = set(document["properties"])
    for definition in document["$defs"].values():
        keys |= set(definition.get("properties", ()))
    assert [key for key in sorted(keys) if key not in described] == []
