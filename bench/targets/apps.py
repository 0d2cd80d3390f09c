"""The targets of the user's app: the same file on tandem and on other Python servers, one core each, 64 connections.

Most compare CPU time per request. The load generator is the bottleneck of the fastest servers, so their requests/s say
little.
"""

import subprocess

from bench.machine import cores, variables
from bench.servers.app_server import (
    HERE,
    PYTHON,
    AppServer,
    HandlerInC,
    TandemApp,
    name_with_gc,
    names,
    with_gc_of_tandem,
)
from bench.servers.server import Failed
from bench.targets import contest
from bench.targets.contest import CPU, Question

BODIES = {
    "18 bytes": Question("/", b"Hello from an app!"),
    "10 KB": Question("/10k", b"0123456789abcdef" * 640),
}
WSGI_CPU = {"18 bytes": 0.90, "10 KB": 0.95}  # of the CPU time of the other server that takes the least
INTERFACE = 1.4  # calls of the app: as much as py-inline might take in addition to uv-loop's plaintext and the app
WSGI_MODELS = ("py-inline", "py-threads")
HELLO = b'{"Hello":"World"}'  # Flask adds a newline


def others(interface, app, question):
    return [(AppServer(name, interface, app), question) for name in names(interface)]


def others_with_gc(interface, app, question):
    """The same, with the garbage collector set as tandem sets it."""
    return [(AppServer(name, interface, app, gc_of_tandem=True), question) for name in names(interface)]


def both(servers):
    """Returns these names, and those of the same servers with the garbage collector set as tandem sets it."""
    return [*servers, *map(name_with_gc, servers)]


def alone(interface, app):
    """Returns a function for contest.hold() that times the app without a server: CPU time of a call in µs. The garbage
    collector is set as tandem sets it."""

    def timed(seconds):
        server_cpus, _ = cores.assign()
        named, environment = with_gc_of_tandem(app)
        command = [PYTHON, "alone.py", interface, named, str(seconds)]
        found = subprocess.run(
            command,
            cwd=HERE,
            capture_output=True,
            text=True,
            env=variables.for_servers() | environment,
            preexec_fn=cores.pinned(server_cpus),
        )
        if found.returncode:
            raise Failed(f"{app} without a server failed:\n{found.stderr}")
        return float(found.stdout)

    return timed


def wsgi(effort):
    """A bare WSGI app, 18 bytes and 10 KB: py-inline and py-threads beside others, and a handler in C."""
    app = "wsgi_app:app"
    for size, question in BODIES.items():
        in_c = HandlerInC()
        entrants = [(server, question) for server in (in_c, *(TandemApp(model, app) for model in WSGI_MODELS))]
        held = contest.hold(f"WSGI, {size}", entrants + others("wsgi", app, question), effort, alone=alone("wsgi", app))
        yield held.target("py-inline", names("wsgi"), WSGI_CPU[size], "other with the least CPU", CPU)
        yield held.interface("py-inline", in_c.name, INTERFACE)
        yield held.target("py-inline", names("wsgi"), 1.2, "fastest other")
        yield held.target("py-threads", ["granian"], 1.1, "granian")


def asgi(effort):
    """A bare ASGI app, 18 bytes and 10 KB: py-asyncio on uvloop beside the others, each with tandem's gc as well."""
    app = "asgi_app:app"
    for size, question in BODIES.items():
        entrants = [(TandemApp("py-asyncio", app), question)]
        entrants += others("asgi", app, question) + others_with_gc("asgi", app, question)
        held = contest.hold(f"ASGI, {size}", entrants, effort, alone=alone("asgi", app))
        yield held.target("py-asyncio", both(["uvicorn"]), 2.0, "uvicorn")
        yield held.target("py-asyncio", both(names("asgi")), 0.62, "other with the least CPU", CPU)


def flask(effort):
    """A Flask route: the better of py-inline and py-threads beside the others."""
    app, question = "flask_app:app", Question("/", HELLO + b"\n")
    entrants = [(TandemApp(model, app), question) for model in WSGI_MODELS] + others("wsgi", app, question)
    held = contest.hold("Flask", entrants, effort, alone=alone("wsgi", app))
    yield held.target(held.fastest(WSGI_MODELS, CPU), ["bjoern"], 0.92, "bjoern", CPU)
    yield held.target(held.fastest(WSGI_MODELS), names("wsgi"), 1.15, "fastest other")


def fastapi(effort):
    """The article's FastAPI route: py-asyncio beside the others, each with tandem's gc as well."""
    app, question = "fastapi_app:app", Question("/", HELLO)
    entrants = [(TandemApp("py-asyncio", app), question)]
    entrants += others("asgi", app, question) + others_with_gc("asgi", app, question)
    held = contest.hold("FastAPI", entrants, effort, alone=alone("asgi", app))
    yield held.target("py-asyncio", both(names("asgi")), 0.65, "other with the least CPU", CPU)
