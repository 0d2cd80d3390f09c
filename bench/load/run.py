"""The result of one run of any load generator, and the running of its command with what that cost the server."""

import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from bench.machine import cores
from bench.servers.server import Failed

LONGEST_SECONDS = 10


@dataclass
class Run:
    """The result of one run. Latencies are dicts of mean, p50, p90, p99, p999 and max, in microseconds. Percentiles
    are lists of [percent, microseconds]."""

    requests: int  # answered
    seconds: float
    requests_per_second: float
    cpu_us_per_request: float
    server_busy: float  # CPU time of the server over elapsed time; 1.0 is one whole core
    load_busy: float  # the same for the load generator
    errors: dict
    resident_bytes: int

    # wrk only
    wrk_latency_us: dict | None = None  # as wrk reports it, corrected by a guess for coordinated omission
    raw_latency_us: dict | None = None  # before that correction: from sending to the answer
    raw_percentiles: list | None = None

    # open loop only
    rate: float | None = None  # requested
    offered_per_second: float | None = None  # the rate of the arrivals as they were drawn
    arrivals: str | None = None
    seed: int | None = None
    intended: int | None = None
    sent: int | None = None
    unanswered: int | None = None  # sent or not; the latency counts them with their waiting time at the end
    waited: int | None = None  # found no idle connection when they were due
    reopened: int | None = None
    latency_us: dict | None = None  # from the intended time
    latency_from_send_us: dict | None = None
    percentiles: list | None = None  # of latency_us
    lateness_us: dict | None = None  # p50, p99, max of how late requests were sent though a connection was idle

    def latencies_us(self):
        """Returns the latencies by clock, as docs/results.md names the clocks: ``{"client": {"mean", "p50", …},
        "wrk": …, "sent": …}``."""
        clocks = {
            "client": self.raw_latency_us or self.latency_us,
            "wrk": self.wrk_latency_us,
            "sent": self.latency_from_send_us,
        }
        return {clock: latencies for clock, latencies in clocks.items() if latencies}

    def curve_us(self):
        """Returns ``[[quantile, microseconds], …]`` of the clock "client"."""
        return [[percent / 100, value] for percent, value in self.raw_percentiles or self.percentiles or ()]

    def failed(self):
        """Returns the number of requests without an answer or with a wrong one, plus that of failed connections."""
        sent_in_vain = self.errors["timeout"]
        never_sent = (self.unanswered or sent_in_vain) - sent_in_vain
        return sum(self.errors.values()) + never_sent


def until_answered(drive, seconds):
    """Calls ``drive(seconds)``, which returns a Run, with twice the time until a run has an answer or has lasted
    LONGEST_SECONDS. On a busy machine a load generator may get no time at all in a short run. Returns the last run and
    its length."""
    while True:
        run = drive(seconds)
        if run.requests or seconds >= LONGEST_SECONDS:
            return run, seconds
        seconds *= 2


def measure(server, path, command, *, interrupt_after=None, stdin=None):
    """Runs the command on the load generator's core. Returns ``(report, fields)``.

    After interrupt_after seconds, if given, the command gets SIGINT, at which it must report. If the command does not
    handle SIGINT yet, as on a busy machine, nothing happens: it then reports at its own end.

    The report is the line ``JSON {...}`` that the command prints. The fields are those that a Run of any load has,
    except ``requests_per_second``. Raises Failed if there is no report.
    """
    _, load_cpus = cores.assign()
    pin = cores.pinned(load_cpus)

    def prepare():
        pin()
        if interrupt_after is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    cpu_before, begun = server.cpu_seconds(), time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=stdin if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=prepare,
    ) as process:
        timer = threading.Timer(interrupt_after or 0, process.send_signal, (signal.SIGINT,))
        if interrupt_after is not None:
            timer.start()
        output = process.stdout.read()
        timer.cancel()
        usage = wait_for_usage(process)
    elapsed, cpu = time.perf_counter() - begun, server.cpu_seconds() - cpu_before
    for line in output.splitlines():
        if line.startswith("JSON "):
            report = json.loads(line[5:])
            return report, {
                "requests": report["requests"],
                "seconds": report["duration_us"] / 1e6,
                "cpu_us_per_request": cpu * 1e6 / max(report["requests"], 1),
                "server_busy": cpu / elapsed,
                "load_busy": (usage.ru_utime + usage.ru_stime) / elapsed,
                "errors": report["errors"],
                "resident_bytes": server.resident_bytes(),
            }
    raise Failed(f"{command[0]} against {server.name}{path} failed, with status {process.returncode}:\n{output}")


def wait_for_usage(process):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage
