"""One run of the open loop (bench/load/open_loop): requests follow a schedule, however fast the server answers."""

import tempfile

from bench.load.run import Run, measure
from bench.servers.tandem import BUILT_BENCH

OPEN_LOOP = BUILT_BENCH / "open_loop"
ONLY_HERE = ("rate", "offered_per_second", "arrivals", "seed", "intended", "sent", "unanswered", "waited", "reopened")
TIMES = ("latency_us", "latency_from_send_us", "percentiles", "lateness_us")


def drive(
    server,
    path,
    *,
    rate,
    connections=64,
    seconds=1,
    method="GET",
    body=None,
    arrivals="poisson",
    seed=1,
    grace=1,
    binary=OPEN_LOOP,
):
    """Runs the open loop on the load generator's core and returns its Run.

    ``body`` is bytes, for POST only. The open loop waits for outstanding answers up to ``grace`` seconds after the
    last request.
    """
    if method not in ("GET", "POST") or (method == "POST") != (body is not None):
        raise ValueError("GET has no body, POST has one, and there is no other method")
    command = [binary, "--rate", rate, "--connections", connections, "--seconds", seconds, "--grace", grace]
    command += ["--arrivals", arrivals, "--seed", seed]
    command += ["--body", "-"] if body is not None else []
    with tempfile.TemporaryFile() as file:
        file.write(body or b"")
        file.seek(0)
        report, common = measure(server, path, [*command, server.url + path], stdin=file)
    own = {key: report[key] for key in (*ONLY_HERE, *TIMES)}
    return Run(**common, requests_per_second=report["achieved_per_second"], **own)
