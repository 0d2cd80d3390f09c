"""The differences that compare finds between two documents."""

import copy
import io

from rich.console import Console

from bench.report import difference

import made_up_results

# The default load of every server and workload. The intervals of all cells would take five times as long.
WHOLE = made_up_results.document()
A = {**WHOLE, "cells": WHOLE["cells"][:40]}


def changed(server, figure, factor):
    document = copy.deepcopy(A)
    for cell in document["cells"]:
        if cell["server"] == server and figure in cell["figures"]:
            values = [value * factor for value in cell["figures"][figure]["values"]]
            cell["figures"][figure]["values"] = values
    return document


def printed(a, b):
    console = Console(file=io.StringIO(), width=200)
    difference.show(console, a, b)
    return console.file.getvalue()


def test_a_document_does_not_differ_from_itself():
    found = difference.compare(A, copy.deepcopy(A))
    assert (found.only_a, found.only_b, found.environment) == ((), (), ())
    assert len(found.pairs) == len(A["cells"])
    for pair in found.pairs:
        for against in pair.figures.values():
            assert against is None or (against["ratio"] == 1 and not against["significant"])
    assert "made differently" not in printed(A, A)


def test_what_changed_is_significant_and_the_rest_is_not():
    found = difference.compare(A, changed("express", "requests_per_second", 1.5))
    for pair in found.pairs:
        against = pair.figures["requests_per_second"]
        if against is not None:
            assert against["significant"] == (pair.server == "express")
            assert abs(against["ratio"] - (1.5 if pair.server == "express" else 1)) < 1e-9
        assert pair.figures["resident_bytes"] is None or not pair.figures["resident_bytes"]["significant"]
    assert "+50 % [" in printed(A, changed("express", "requests_per_second", 1.5))


def test_cells_of_one_document_are_listed():
    b = copy.deepcopy(A)
    gone = b["cells"].pop(0)
    b["cells"][5]["connections"] = 77
    found = difference.compare(A, b)
    assert found.only_a[0][:3] == (gone["server"], gone["workload"], gone["connections"])
    assert [key[2] for key in found.only_b] == [77]
    text = printed(A, b)
    assert "only in the first:" in text and "only in the second:" in text and "77 connections" in text


def test_another_environment_is_said():
    b = copy.deepcopy(A)
    b["environment"] |= {"kernel": "Linux 7.0", "placement": "elsewhere", "date": "later"}
    del b["environment"]["python"]  # as in older documents
    b["servers"]["express"]["versions"] = ["express 6.0.0"]
    b["experiment"]["seconds"] = 9.0
    assert {what for what, _, _ in difference.compare(A, b).environment} == {
        "kernel",
        "placement",
        "python",
        "seconds",
        "express: versions",
    }
    assert "kernel: Linux 6.1.0 → Linux 7.0" in printed(A, b)
    assert "python: CPython 3.12.1 built with PGO, without LTO → not recorded" in printed(A, b)


def test_a_cell_that_is_measured_no_more():
    b = copy.deepcopy(A)
    b["cells"][0] = made_up_results.empty("uv-loop", "plaintext") | {"state": "failed", "reason": "it crashed"}
    found = difference.compare(A, b)
    assert found.pairs[0].states == ("measured", "failed")
    assert set(found.pairs[0].figures.values()) == {None}
    assert "was measured, is failed" in printed(A, b)


def test_nothing_in_common():
    b = copy.deepcopy(A)
    b["cells"] = []
    assert "no cell is in both" in printed(A, b)
