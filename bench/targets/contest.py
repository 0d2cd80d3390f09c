"""A contest: servers that give the same answer, driven one after the other in each of several rounds.

All servers are started before the first round. Only the one that is driven runs; the others are halted (SIGSTOP), so
that the background work of an idle server takes no time from the others. Each server is asked before it is driven, and
must give the expected answer. A failure of tandem ends the contest. Any other server that does not start, gives a wrong
answer or fails under load drops out, and the reason is kept.
"""

import http.client
import os
import signal
import statistics
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.load import wrk
from bench.load.run import until_answered
from bench.machine import process
from bench.servers.server import Failed
from bench.servers.tandem import Tandem
from bench.targets.ratios import ROUNDS, median, not_measured, ratio, result

WRONG = (Failed, OSError, http.client.HTTPException)
FIGURES = ("requests_per_second", "cpu_us_per_request", "server_busy", "load_busy", "resident_bytes")


@dataclass(frozen=True)
class Effort:
    """The number of rounds, and the seconds for which each server is driven in a round."""

    rounds: int = ROUNDS
    seconds: float = 1.0


@dataclass(frozen=True)
class Measure:
    """What a target compares: a figure of a Run, its name in the table, and whether less of it is better."""

    figure: str
    what: str
    less_is_better: bool


RATE = Measure("requests_per_second", "requests/s", False)
CPU = Measure("cpu_us_per_request", "CPU per request", True)


@dataclass(frozen=True)
class Question:
    path: str
    answer: bytes
    body: bytes | None = None  # POST it; otherwise GET

    def check(self, server):
        found = server.request("GET" if self.body is None else "POST", self.path, self.body)
        if found != (200, self.answer):
            raise Failed(f"answers {self.path} with status {found[0]} and {found[1][:40]!r}, not {self.answer[:40]!r}")


@dataclass
class Contest:
    """The result: the runs of the measured servers, in order, and the reasons why the others were not measured."""

    title: str
    runs: dict = field(default_factory=dict)
    not_measured: dict = field(default_factory=dict)
    alone_us: float | None = None  # CPU time of a call of the app without a server

    def has(self, name):
        return name in self.runs

    def fastest(self, names, measure=RATE):
        """Returns the name with the best median of the measure; None if none of these servers was measured."""
        measured = [name for name in names if name in self.runs]
        best = min if measure.less_is_better else max
        return best(measured, key=lambda name: median(self.runs[name], measure.figure), default=None)

    def target(self, ours, rivals, limit, label, measure=RATE):
        """Returns the result for the target that ours, a tandem server, reaches at least ``limit`` times the requests/s
        of the fastest rival, or takes at most ``limit`` times the CPU time of the one that takes the least. The ratio
        is taken round by round. ``label`` names the rival in the result."""
        theirs, name = self.fastest(rivals, measure), f"{self.title}: {ours}/{label}"
        if theirs is None:
            reasons = "; ".join(f"{rival} {self.not_measured[rival]}" for rival in rivals)
            return not_measured(name, reasons) | {"contest": self.document()}
        value = ratio(self.runs, measure.figure, ours, theirs)
        return result(name, measure.what, value, limit, measure.less_is_better, self.detail(measure, ours, theirs))

    def interface(self, ours, in_c, limit):
        """Returns the result for the target on what the interface to the app costs: the CPU time of ours, minus that of
        the same reply by a handler in C, minus that of the app alone. It is given in calls of the app alone."""
        ours_us, in_c_us = ([run.cpu_us_per_request for run in self.runs[name]] for name in (ours, in_c))
        extra_us = statistics.median(a - b for a, b in zip(ours_us, in_c_us, strict=True))
        value = (extra_us - self.alone_us) / self.alone_us
        detail = self.detail(CPU, ours, in_c)
        detail["medians"]["the app alone"] = self.alone_us
        return result(
            f"{self.title}: {ours}, the interface", "CPU per request, in calls of the app", value, limit, True, detail
        )

    def detail(self, measure, *names):
        medians = {name: median(self.runs[name], measure.figure) for name in names}
        return {"medians": medians, "contest": self.document()}

    def document(self):
        """Returns the contest as in targets.json, with the medians of each server."""
        return {
            "title": self.title,
            "servers": {
                name: {figure: median(runs, figure) for figure in FIGURES}
                | {"rounds": [run.requests_per_second for run in runs]}
                for name, runs in self.runs.items()
            },
            "not_measured": self.not_measured,
            "app_alone_cpu_us": self.alone_us,
        }


def in_one_line(error):
    """Shortens an error to one line for a table: the first and last line of its text, which may hold a server's log."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[0] if len(lines) == 1 else f"{lines[0]}: {lines[-1]}"


def signal_all(server, number):
    for pid in process.family(server.process.pid):
        os.kill(pid, number)


@contextmanager
def awake(server):
    signal_all(server, signal.SIGCONT)
    try:
        yield
    finally:
        signal_all(server, signal.SIGSTOP)


def drive(server, question, seconds, load):
    """Checks the server's answer, then drives it and returns the Run: the first one with an answer. Raises Failed."""

    def once(seconds):
        run = wrk.drive(server, question.path, seconds=seconds, **load)
        if sum(run.errors.values()):
            found = ", ".join(f"{count} × {kind}" for kind, count in run.errors.items() if count)
            raise Failed(f"failed under load: {found}")
        return run

    with awake(server):
        question.check(server)
        run, seconds = until_answered(once, seconds)
        if not run.requests:
            raise Failed(f"answered nothing in {seconds:g} s")
        return run


class Ring:
    """The servers that are still in the contest, with their questions."""

    def __init__(self, contest):
        self.contest = contest
        self.questions = {}

    def attempt(self, server, question, do):
        """Returns the result of do(); None if it failed and the server drops out. Raises Failed if tandem fails."""
        try:
            return do()
        except WRONG as error:
            if isinstance(server, Tandem):
                raise Failed(f"{self.contest.title}: {server.name}: {error}") from error
            self.questions.pop(server, None)
            self.contest.runs.pop(server.name, None)
            self.contest.not_measured[server.name] = in_one_line(error)
            return None

    def start(self, stack, server, question):
        def enter():
            stack.enter_context(server)
            stack.callback(signal_all, server, signal.SIGCONT)
            signal_all(server, signal.SIGSTOP)
            return True

        if self.attempt(server, question, enter):
            self.questions[server] = question

    def round(self, seconds, load):
        """Drives each remaining server once and returns ``{server name: Run}``."""
        found = {}
        for server, question in list(self.questions.items()):
            run = self.attempt(server, question, lambda s=server, q=question: drive(s, q, seconds, load))
            if run:
                found[server.name] = run
        return found


def hold(title, entrants, effort, *, alone=None, **load):
    """Holds and returns the Contest of ``[(server, Question), …]``. ``alone(seconds)``, if given, is called in each
    round, too, and returns the app's CPU time per call in µs."""
    contest = Contest(title)
    ring, alone_us = Ring(contest), []
    with ExitStack() as stack:
        for server, question in entrants:
            ring.start(stack, server, question)
        ring.round(effort.seconds, load)  # a warm-up
        contest.runs = {server.name: [] for server in ring.questions}
        for _ in range(effort.rounds):
            for name, run in ring.round(effort.seconds, load).items():
                contest.runs[name].append(run)
            if alone:
                alone_us.append(alone(effort.seconds / 2))
    contest.alone_us = statistics.median(alone_us) if alone_us else None
    return contest
