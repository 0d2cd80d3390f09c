"""One run of wrk against one path of one server, with the cost to the server."""

import math
from pathlib import Path

from bench.load import uncorrected
from bench.load.run import Run, measure

SCRIPTS = Path(__file__).resolve().parent / "wrk_scripts"


def drive(server, path, *, connections=64, seconds=1, script="get", threads=1):
    """Runs wrk on the load generator's core and returns its Run. wrk takes whole seconds only, so SIGINT ends the run:
    wrk still reports then."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{math.ceil(seconds) + 1}s", "--timeout", "20s"]
    command += ["-s", SCRIPTS / f"{script}.lua", server.url + path]
    report, common = measure(server, path, command, interrupt_after=seconds)
    interval = uncorrected.expected_interval(report["duration_us"], report["requests"], connections)
    raw = uncorrected.undo(uncorrected.pairs(report["histogram"]), interval)
    return Run(
        **common,
        requests_per_second=report["requests"] / (report["duration_us"] / 1e6),
        wrk_latency_us=report["latency_us"],
        raw_latency_us=uncorrected.summary(raw),
        raw_percentiles=uncorrected.percentiles(raw),
    )
