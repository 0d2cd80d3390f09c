"""docs/performance.md's tables: what a run of targets changes in them, and that the committed ones are right."""

import json

import pytest
from test_targets_table import CONTEST, SERVER

from bench.servers.server import Failed
from bench.targets import page, ratios, table

OLD, NEW = ({"date": f"2026-11-{day}T10:00:00+00:00", "commit": commit} for day, commit in ((24, "aaa"), (29, "bbb")))
NOTHING = {"targets": [], "contests": []}
MARKERS = "".join(f"<!-- {part}: begin -->\nold\n<!-- {part}: end -->\n" for part in page.PARTS)


def measured(group, value, name="a target", **detail):
    medians = {"ours": 1234.5, "theirs": 0.01234}
    return ratios.result(name, "CPU per request", value, 1.5, True, {"medians": medians, **detail}) | {"group": group}


def test_the_committed_page_is_that_of_the_document():
    text = page.PAGE.read_text()
    assert page.page(page.read(), text) == text
    assert page.serialised(page.read()) == page.DOCUMENT.read_text()


def test_every_target_has_been_measured():
    assert {one["group"] for one in page.read()["targets"]} == set(table.ALL)


def test_a_run_of_some_targets_leaves_the_others():
    document = page.merged(NOTHING, [measured("wsgi", 1.0), measured("idle", 1.0), measured("wsgi", 1.0, "gone")], OLD)
    document = page.merged(document, [measured("wsgi", 2.0, contest=CONTEST)], NEW)
    rows = [(one["group"], one["value"], one["commit"]) for one in document["targets"]]
    assert rows == [("idle", 1.0, "aaa"), ("wsgi", 2.0, "bbb")]  # in the order of ./dev bench targets
    (contest,) = document["contests"]
    assert (contest["title"], contest["group"], contest["commit"]) == ("WSGI", "wsgi", "bbb")
    assert "rounds" not in contest["servers"]["slow"] and "rounds" in SERVER


def test_a_target_that_is_gone_is_dropped(monkeypatch):
    document = page.merged(NOTHING, [measured("wsgi", 1.0), measured("idle", 1.0)], OLD)
    monkeypatch.setattr(table, "ALL", {"idle": None})
    assert [one["group"] for one in page.merged(document, [], NEW)["targets"]] == ["idle"]


def test_what_does_not_hold_is_bold_and_what_was_not_measured_says_why():
    held, missed = measured("wsgi", 1.0), measured("wsgi", 2345.6)
    failed = ratios.not_measured("asgi", "tandem did not start") | {"group": "asgi"}
    text = page.targets_text(page.merged(NOTHING, [held, missed, failed], NEW))
    assert "| a target | CPU per request | 1.000 | ≤ 1.5 | ours 1,234, theirs 0.0123 | 29 Nov 2026, bbb |" in text
    assert "| **2,346** |" in text
    assert "| asgi | tandem did not start | not measured |" in text


def test_a_contest_has_its_servers_by_their_cost():
    quick = {**SERVER, "cpu_us_per_request": 9.96, "load_busy": 0.96}
    contest = {**CONTEST, "servers": {"slow": SERVER, "quick": quick}}
    text = page.contests_text(page.merged(NOTHING, [measured("wsgi", 1.0, contest=contest)], NEW))
    servers = "quick 9.96 (≥ 4,000/s); slow 250 (4,000/s)"
    assert f"| WSGI | 99.2 | {servers} | absent | 29 Nov 2026, bbb |" in text


def test_a_run_is_written_into_both_files(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "DOCUMENT", tmp_path / "targets.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    page.DOCUMENT.write_text(json.dumps(NOTHING))
    page.PAGE.write_text(f"before\n{MARKERS}after\n")
    assert page.record([measured("idle", 1.0)], {"date": NEW["date"]}) == [page.DOCUMENT, page.PAGE]
    assert "| a target |" in page.PAGE.read_text() and "old" not in page.PAGE.read_text()
    assert page.page(page.read(), page.PAGE.read_text()) == page.PAGE.read_text()


def test_without_its_markers_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "DOCUMENT", tmp_path / "targets.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    page.DOCUMENT.write_text(json.dumps(NOTHING))
    page.PAGE.write_text("no tables\n")
    with pytest.raises(Failed, match="'<!-- targets: begin -->' is there 0 times, not once"):
        page.record([measured("idle", 1.0)], {"date": NEW["date"]})
    assert json.loads(page.DOCUMENT.read_text()) == NOTHING
