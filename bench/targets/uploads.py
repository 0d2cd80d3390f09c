"""The targets of uploads: bodies of 20 MB, which the app reads in pieces and counts, on tandem and on granian."""

from bench.load import wrk
from bench.servers.app_server import AppServer, TandemApp
from bench.servers.server import Failed
from bench.targets import contest
from bench.targets.contest import Question, in_one_line
from bench.targets.ratios import result

BYTES = 20_000_000  # as in load/wrk_scripts/upload.lua
UPLOAD = Question("/upload", str(BYTES).encode(), body=bytes(BYTES))
CONNECTIONS = 4
TIMES = 3  # as long as other runs: a run does not count the uploads in flight at its end
AT_ONCE = 64
PEAK_MB = 100
LONGEST_SECONDS = 60
APPS = {"py-threads": ("wsgi", "wsgi_app:app"), "py-asyncio": ("asgi", "asgi_app:app")}


def peak_bytes(server):
    """Drives AT_ONCE concurrent uploads until at least as many were answered. Returns the peak of resident memory."""
    seconds = 2
    with server:
        UPLOAD.check(server)
        while True:
            run = wrk.drive(server, UPLOAD.path, connections=AT_ONCE, seconds=seconds, script="upload")
            if sum(run.errors.values()):
                raise Failed(f"{server.name}: uploads failed: {run.errors}")
            if run.requests >= AT_ONCE:
                return server.peak_resident_bytes()
            seconds *= 2
            if seconds > LONGEST_SECONDS:
                raise Failed(f"{server.name}: {run.requests} of {AT_ONCE} uploads were answered in {seconds // 2} s")


def peaks(model, interface, app):
    """Returns the result for tandem's peak memory. granian's peak is included for comparison only."""
    ours = peak_bytes(TandemApp(model, app, "--max-body", "32MiB")) / 1e6
    detail = {"medians": {model: ours}}
    try:
        detail["medians"]["granian"] = peak_bytes(AppServer("granian", interface, app)) / 1e6
    except contest.WRONG as error:
        detail["not_measured"] = {"granian": in_one_line(error)}
    name = f"{interface.upper()}, {AT_ONCE} uploads at once: {model}"
    return result(name, "MB of RSS at most", ours, PEAK_MB, True, detail)


def uploads(effort):
    """Uploads of 20 MB: four at a time beside granian, and the peak memory of 64 at a time."""
    longer = contest.Effort(effort.rounds, effort.seconds * TIMES)
    for model, (interface, app) in APPS.items():
        tandem = TandemApp(model, app, "--max-body", "32MiB")
        entrants = [(tandem, UPLOAD), (AppServer("granian", interface, app), UPLOAD)]
        held = contest.hold(f"{interface.upper()}, upload", entrants, longer, connections=CONNECTIONS, script="upload")
        yield held.target(model, ["granian"], 1.0, "granian")
    for model, (interface, app) in APPS.items():
        yield peaks(model, interface, app)
