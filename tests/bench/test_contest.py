"""Contests: the evaluation of their runs, and the reasons for which a server drops out."""

import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.servers.server import Failed, Server
from bench.servers.tandem import Tandem
from bench.targets import contest
from bench.targets.contest import CPU, Contest, Effort, Question

import trials
from support import wait_until

ASKED = Question("/", b"yes")


def run(rate, **fields):
    return trials.trial(rate, **fields).run


def held(**rates):
    return Contest("made up", {name: [run(rate) for rate in of_name] for name, of_name in rates.items()})


def costing(**costs):
    """A contest of servers that take this CPU time per request, with an app that alone takes 2 µs."""
    runs = {
        name: [run(1e6 / cost, cpu_us_per_request=cost, load_busy=0.99) for cost in of_name]
        for name, of_name in costs.items()
    }
    return Contest("made up", runs, alone_us=2.0)


def test_a_target_of_cpu_time_is_beside_the_one_that_takes_the_least():
    of = costing(ours=[5.0, 6.0, 7.0], little=[10.0, 10.0, 10.0], much=[11.0, 90.0, 11.0])
    target = of.target("ours", ["much", "little"], 0.6, "the least", CPU)
    assert (target["value"], target["held"], target["at_most"]) == (0.6, True, True)
    assert (target["name"], target["what"]) == ("made up: ours/the least", "CPU per request")
    assert target["medians"] == {"ours": 6.0, "little": 10.0}
    assert not of.target("ours", ["much", "little"], 0.59, "the least", CPU)["held"]


def test_the_interface_is_what_neither_the_server_nor_the_app_takes():
    slow, fast = (costing(ours=[13.0 + c, 21.0 + c, 12.0 + c], in_c=[8.0 + c, 16.0 + c, 2.0 + c]) for c in (8.0, 0.0))
    for of in (slow, fast):  # a faster server makes no difference
        target = of.interface("ours", "in_c", 1.5)
        assert (target["value"], target["held"]) == (1.5, True)  # 5 µs more in two rounds of three; (5 - 2) / 2
        assert not of.interface("ours", "in_c", 1.4)["held"]
    assert target["medians"] == {"ours": 13.0, "in_c": 8.0, "the app alone": 2.0}


class Rival(Server):
    """A server that answers correctly, unless the test sets ``fails``: "start", "answer", or a run's number."""

    def __init__(self, name, fails=None, requests=1000):
        Server.__init__(self, name, [])
        self.fails, self.requests, self.driven = fails, requests, 0

    def __enter__(self):
        if self.fails == "start":
            raise Failed(f"{self.name} did not start\nTraceback\n  …\nImportError: no such module\n")
        return self

    def __exit__(self, *_):
        pass

    def request(self, method, path, body=None, headers=None):
        return (200, b"yes") if self.fails != "answer" else (500, b"no")


class Ours(Rival, Tandem):
    """A server that counts as tandem."""


@pytest.fixture
def events(monkeypatch):
    """Contests without processes. The list has ``(server, event)`` in order."""
    done = []

    def drive(server, path, *, seconds, **load):
        done.append((server.name, "driven"))
        server.driven += 1
        errors = {"read": 3, "status": 0} if server.driven == server.fails else {"read": 0, "status": 0}
        return run(1000.0, requests=server.requests, errors=errors)

    names = {signal.SIGCONT: "awake", signal.SIGSTOP: "halted"}
    monkeypatch.setattr(contest.wrk, "drive", drive)
    monkeypatch.setattr(contest, "signal_all", lambda server, number: done.append((server.name, names[number])))
    return done


def hold(*servers, rounds=3, **more):
    return contest.hold("made up", [(server, ASKED) for server in servers], Effort(rounds, 0.2), **more)


def test_the_fastest_is_so_by_its_median():
    of = held(ours=[9.0], steady=[5.0, 5.0, 5.0], lucky=[4.0, 4.0, 99.0])
    assert of.fastest(["steady", "lucky", "absent"]) == "steady"
    assert of.fastest(["absent"]) is None


def test_a_target_is_the_median_of_the_rounds_ratios():
    of = held(ours=[100.0, 300.0, 900.0], theirs=[100.0, 100.0, 600.0])
    target = of.target("ours", ["theirs"], 1.5, "theirs")
    assert target["value"] == 1.5  # of 1.0, 3.0 and 1.5; the ratio of the medians is 3.0
    assert (target["name"], target["held"], target["limit"]) == ("made up: ours/theirs", True, 1.5)
    assert target["medians"] == {"ours": 300.0, "theirs": 100.0}
    assert not of.target("ours", ["theirs"], 1.51, "theirs")["held"]


def test_a_target_without_anyone_beside_it_does_not_hold():
    of = held(ours=[100.0])
    of.not_measured["theirs"] = "does not install here"
    target = of.target("ours", ["theirs"], 1.0, "fastest other")
    assert (target["value"], target["held"], target["what"]) == (None, False, "theirs does not install here")


def test_rounds_are_interleaved_and_one_server_is_awake_at_a_time(events):
    of = hold(Ours("ours"), Rival("theirs"), rounds=2)
    turn = [(name, event) for name in ("ours", "theirs") for event in ("awake", "driven", "halted")]
    halted = [("ours", "halted"), ("theirs", "halted")]
    woken_to_be_stopped = [("theirs", "awake"), ("ours", "awake")]
    assert events == halted + 3 * turn + woken_to_be_stopped  # a warm-up and two rounds
    assert {name: len(runs) for name, runs in of.runs.items()} == {"ours": 2, "theirs": 2}
    assert not of.not_measured


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        ("start", "theirs did not start: ImportError: no such module"),
        ("answer", "answers / with status 500 and b'no', not b'yes'"),
        (1, "failed under load: 3 × read"),  # in the warm-up
        (3, "failed under load: 3 × read"),
    ],
)
def test_another_server_that_fails_is_out_of_it_with_its_reason(events, fails, reason):
    of = hold(Ours("ours"), Rival("theirs", fails), Rival("others"))
    assert of.not_measured == {"theirs": reason}
    assert {name: len(runs) for name, runs in of.runs.items()} == {"ours": 3, "others": 3}
    assert of.document()["not_measured"] == {"theirs": reason}
    if isinstance(fails, int):
        assert events.count(("theirs", "driven")) == fails


@pytest.mark.parametrize("fails", ["start", "answer", 2])
def test_tandem_has_to_get_through(events, fails):
    with pytest.raises(Failed, match="made up: ours: "):
        hold(Ours("ours", fails), Rival("theirs"))


def test_a_run_without_an_answer_is_made_longer_until_it_is_of_no_use(events):
    of = hold(Ours("ours"), Rival("theirs", requests=0))
    assert of.not_measured == {"theirs": "answered nothing in 12.8 s"}
    assert events.count(("theirs", "driven")) == 7  # of 0.2 s, 0.4 s, …


def test_the_app_alone_is_timed_in_each_round(events):
    times = iter([3.0, 1.0, 2.0])
    of = hold(Ours("ours"), alone=lambda seconds: next(times))
    assert of.document()["app_alone_cpu_us"] == 2.0
    assert hold(Ours("ours")).document()["app_alone_cpu_us"] is None


def test_the_document_has_each_servers_medians_and_rounds():
    found = held(ours=[100.0, 300.0, 900.0]).document()["servers"]["ours"]
    assert (found["requests_per_second"], found["rounds"]) == (300.0, [100.0, 300.0, 900.0])
    assert (found["cpu_us_per_request"], found["load_busy"]) == (5.0, 0.9)


def test_an_error_without_words_has_its_kind_for_a_reason():
    assert contest.in_one_line(TimeoutError()) == "TimeoutError"
    assert contest.in_one_line(Failed("one line\n")) == "one line"


def state(server):
    """Returns the state of the server's process as in proc(5). "T" is halted."""
    return Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(") ", 1)[1][0]


def test_a_halted_process_does_nothing_and_is_stopped_all_the_same():
    class Busy(Server):
        first_path = "/"

        def wait_until_ready(self):
            return 1

        def get(self, path):
            return 200, b""

    with ExitStack() as stack:
        server = stack.enter_context(Busy("busy", ["sh", "-c", "while :; do :; done"]))
        stack.callback(contest.signal_all, server, signal.SIGCONT)
        with contest.awake(server):
            assert state(server) != "T"
        wait_until(lambda: state(server) == "T")
        with contest.awake(server):
            wait_until(lambda: state(server) != "T")
        wait_until(lambda: state(server) == "T")
    assert server.process.returncode == -signal.SIGTERM
