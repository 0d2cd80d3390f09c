"""The targets: the servers that each one needs, and their table."""

import io
import re

import pytest
from rich.console import Console

from bench import arguments
from bench.servers.server import Failed
from bench.targets import ratios, table
from bench.targets import shown as terminal
from bench.targets.contest import Effort

SERVER = {
    "requests_per_second": 4000.0,
    "cpu_us_per_request": 250.5,
    "server_busy": 0.99,
    "load_busy": 0.5,
    "resident_bytes": 20_000_000.0,
    "rounds": [3900.0, 4100.0],
}
CONTEST = {
    "title": "WSGI",
    "servers": {"slow": SERVER, "quick": {**SERVER, "requests_per_second": 9000.0, "load_busy": 0.96}},
    "not_measured": {"absent": "does not install here: [Errno 2]"},
    "app_alone_cpu_us": 99.25,
}
ENVIRONMENT = {
    **{"placement": "placed", "kernel": "Linux", "cpu": "an AMD", "tandem": "tandem 0.1"},
    "python": "CPython built without PGO",
}


def shown(results):
    text = io.StringIO()
    terminal.show(Console(width=250, file=text), results, ENVIRONMENT)
    return text.getvalue()


def measured(value, at_most, contest=None):
    detail = {"medians": {"ours": 1.23456}} | ({"contest": contest} if contest else {})
    return ratios.result("a target", "requests/s", value, 1.5, at_most, detail)


@pytest.fixture
def targets(monkeypatch):
    """Replaces the targets by two targets of apps that take no time."""

    def fails(effort):
        yield measured(1.0, True)
        raise Failed("tandem did not start")

    def works(effort):
        yield measured(float(effort.rounds), True)

    fails.__doc__ = works.__doc__ = "What it is."
    monkeypatch.setattr(table, "OF_APPS", {"fails": fails, "works": works})
    monkeypatch.setattr(table, "ALL", table.OF_APPS)


def test_what_was_measured_is_kept_when_a_target_fails(targets):
    results = table.measure(["fails", "works"], lambda step: None, Effort(7))
    assert [(one["value"], one["held"]) for one in results] == [(1.0, True), (None, False), (7.0, False)]
    assert results[1]["what"] == "tandem did not start"


@pytest.mark.parametrize(
    ("value", "at_most", "words"),
    [
        (1.5, True, "1.500 ≤ 1.5 holds"),
        (1.6, True, "1.600 ≤ 1.5 does not"),
        (1.5, False, "1.500 ≥ 1.5 holds"),
        (1.4, False, "1.400 ≥ 1.5 does not"),
    ],
)
def test_a_target_says_its_promise_and_whether_it_holds(value, at_most, words):
    text = re.sub(r" +", " ", shown([measured(value, at_most)]))
    assert f"a target requests/s {words} ours 1.23" in text
    assert ("1 of 1 targets missed: a target" in text) == words.endswith("does not")


def test_a_target_that_was_not_measured_says_why():
    text = re.sub(r" +", " ", shown([ratios.not_measured("a target", "[Errno 2] no such file")]))
    assert "a target [Errno 2] no such file not measured" in text


def test_a_contest_is_shown_once_the_fastest_first():
    lines = [re.sub(r" +", " ", line).strip() for line in shown([measured(1, True, CONTEST)] * 2).splitlines()]
    assert lines.count("WSGI") == 1
    rows = [line for line in lines if line.startswith(("quick", "slow", "absent", "the app"))]
    assert rows == [
        "quick ≥ 9,000 3,900 to 4,100 250.5 99% 96% 20.0",
        "slow 4,000 3,900 to 4,100 250.5 99% 50% 20.0",
        "absent: not measured: does not install here: [Errno 2]",
        "the app alone, without a server 99.2",
    ]


def test_the_machine_and_the_builds_are_named():
    assert "placed; Linux; an AMD; tandem 0.1; CPython built without PGO" in shown([])


def test_only_what_is_needed_is_installed():
    assert table.needed(["loops", "memory"]) == []
    assert table.needed(["browser"]) == ["nginx"]
    assert table.needed(["flask", "uploads"]) == ["apps"]
    assert table.needed(list(table.ALL)) == ["nginx", "libmicrohttpd", "apps"]


def test_rounds_and_seconds_are_of_the_targets_of_apps(capsys):
    options = arguments.read(["targets", "--only", "wsgi,uploads", "--rounds", "2", "--seconds", "0.5"])
    assert arguments.effort(options) == Effort(rounds=2, seconds=0.5)
    assert arguments.effort(arguments.read(["targets"])) == Effort()
    with pytest.raises(SystemExit):
        arguments.read(["targets", "--only", "wsgi,loops", "--rounds", "2"])
    assert "name those: --only wsgi,asgi,flask,fastapi,uploads (these have their own: loops)" in capsys.readouterr().err


def test_only_is_of_the_targets(capsys):
    assert arguments.read(["targets"]).only == list(table.ALL)
    with pytest.raises(SystemExit):
        arguments.read(["--only", "wsgi"])
    assert "--only is for targets; comparison takes --models, " in capsys.readouterr().err
