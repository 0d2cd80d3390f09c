"""The targets of the user's app: the same file on tandem and on other Python servers, one core each, 64 connections."""

import subprocess

from bench.machine import cores, variables
from bench.servers.app_server import ENVIRONMENT, PYTHON, AppServer, HandlerInC, TandemApp, names
from bench.servers.server import Failed
from bench.servers.tandem import Tandem
from bench.targets import contest
from bench.targets.contest import Question

BODIES = {
    "18 bytes": Question("/", b"Hello from an app!"),
    "10 KB": Question("/10k", b"0123456789abcdef" * 640),
}
PLAINTEXT = Question("/plaintext", b"Hello, World!")
HELLO = b'{"Hello":"World"}'  # Flask adds a newline


def others(interface, app, question):
    return [(AppServer(name, interface, app), question) for name in names(interface)]


def alone(interface, app):
    """Returns a function for contest.hold() that times the app without a server: CPU time of a call in µs."""

    def timed(seconds):
        server_cpus, _ = cores.assign()
        command = [PYTHON, "alone.py", interface, app, str(seconds)]
        found = subprocess.run(
            command,
            cwd=ENVIRONMENT["PYTHONPATH"],
            capture_output=True,
            text=True,
            env=variables.for_servers(),
            preexec_fn=cores.pinned(server_cpus),
        )
        if found.returncode:
            raise Failed(f"{app} without a server failed:\n{found.stderr}")
        return float(found.stdout)

    return timed


def wsgi(effort):
    """A bare WSGI app, 18 bytes and 10 KB: py-inline and py-threads beside others, and uv-loop without Python."""
    app = "wsgi_app:app"
    for size, question in BODIES.items():
        entrants = [(Tandem("uv-loop"), PLAINTEXT), (HandlerInC(), question)]
        entrants += [(TandemApp(model, app), question) for model in ("py-inline", "py-threads")]
        held = contest.hold(f"WSGI, {size}", entrants + others("wsgi", app, question), effort, alone=alone("wsgi", app))
        yield held.target("py-inline", ["uv-loop"], 0.75, "uv-loop's plaintext")
        yield held.target("py-inline", names("wsgi"), 1.2, "fastest other")
        yield held.target("py-threads", ["granian"], 1.1, "granian")


def asgi(effort):
    """A bare ASGI app, 18 bytes and 10 KB: py-asyncio on uvloop beside the others."""
    app = "asgi_app:app"
    for size, question in BODIES.items():
        entrants = [(TandemApp("py-asyncio", app), question), *others("asgi", app, question)]
        held = contest.hold(f"ASGI, {size}", entrants, effort, alone=alone("asgi", app))
        yield held.target("py-asyncio", ["uvicorn"], 2.0, "uvicorn")
        rivals = [name for name in names("asgi") if name != "uvicorn"]
        yield held.target("py-asyncio", rivals, 1.1, "fastest of " + ", ".join(rivals))


def flask(effort):
    """A Flask route: the better of py-inline and py-threads beside the others."""
    app, question = "flask_app:app", Question("/", HELLO + b"\n")
    ours = ["py-inline", "py-threads"]
    entrants = [(TandemApp(model, app), question) for model in ours] + others("wsgi", app, question)
    held = contest.hold("Flask", entrants, effort, alone=alone("wsgi", app))
    yield held.target(held.fastest(ours), names("wsgi"), 1.15, "fastest other")


def fastapi(effort):
    """The article's FastAPI route: py-asyncio beside the others."""
    app, question = "fastapi_app:app", Question("/", HELLO)
    entrants = [(TandemApp("py-asyncio", app), question), *others("asgi", app, question)]
    held = contest.hold("FastAPI", entrants, effort, alone=alone("asgi", app))
    yield held.target("py-asyncio", names("asgi"), 1.15, "fastest other")
