"""The servers of bench/peers/apps give the same answers with the same app, and the targets measure them."""

import os
import signal

import pytest

from bench.servers import app_server
from bench.servers.app_server import AppServer, HandlerInC, TandemApp, names
from bench.targets import apps, contest, uploads
from bench.targets.contest import Effort, Question

from support import SANITIZED

pytestmark = [
    pytest.mark.skipif(bool(SANITIZED), reason="it drives build/release"),
    pytest.mark.skipif(not app_server.PYTHON.exists(), reason="./dev peers apps has not been run"),
]

OURS = {"wsgi": ("py-inline", "py-threads"), "asgi": ("py-asyncio",)}
BARE = [*apps.BODIES.values(), Question("/upload", b"300000", bytes(300_000))]
ASKED = {
    ("wsgi", "wsgi_app:app"): BARE,
    ("wsgi", "flask_app:app"): [Question("/", apps.HELLO + b"\n")],
    ("asgi", "asgi_app:app"): BARE,
    ("asgi", "fastapi_app:app"): [Question("/", apps.HELLO)],
}


def server_of(name, interface, app):
    if name in OURS[interface]:
        return TandemApp(name, app)
    return AppServer(name, interface, app)


def always(interface):
    """Returns the servers that are not optional. An optional one that answers wrongly is "not measured", no failure."""
    return [name for name in names(interface) if not app_server.known()[name].get("optional")]


@pytest.mark.parametrize(
    ("name", "interface", "app"),
    [(name, *hosted) for hosted in ASKED for name in (*OURS[hosted[0]], *always(hosted[0]))],
)
def test_every_server_gives_the_apps_answers(name, interface, app):
    with server_of(name, interface, app) as server:
        for question in ASKED[interface, app]:
            question.check(server)
    assert server.process.returncode is not None


@pytest.mark.parametrize("app", [app for interface, app in ASKED if interface == "asgi"])
@pytest.mark.parametrize("name", always("asgi"))
def test_every_server_gives_the_same_answers_with_the_garbage_collector_of_tandem(name, app):
    with AppServer(name, "asgi", app, gc_of_tandem=True) as server:
        for question in ASKED["asgi", app]:
            question.check(server)


def test_the_handler_in_c_gives_the_same_answers():
    with HandlerInC() as server:
        for question in apps.BODIES.values():
            question.check(server)


@pytest.mark.parametrize(("interface", "app"), ASKED)
def test_the_app_alone_takes_some_time(interface, app):
    assert 0.1 < apps.alone(interface, app)(0.05) < 100_000


def test_a_server_that_is_gone_is_out_of_the_contest(monkeypatch):
    """The processes are real. The one that is gone is halted, asked and stopped like the others."""
    entrants = [
        (TandemApp("py-asyncio", "asgi_app:app"), BARE[0]),
        (AppServer("uvicorn", "asgi", "asgi_app:app"), BARE[0]),
    ]
    awake = contest.awake

    def awake_but_uvicorn(server):
        if server.name == "uvicorn":
            os.kill(server.process.pid, signal.SIGKILL)
        return awake(server)

    monkeypatch.setattr(contest, "awake", awake_but_uvicorn)
    held = contest.hold("made up", entrants, Effort(1, 0.1))
    assert list(held.runs) == ["py-asyncio"]
    assert list(held.not_measured) == ["uvicorn"]


def test_the_memory_of_uploads_is_measured_until_as_many_were_answered(monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE", 4)
    peak = uploads.peak_bytes(TandemApp("py-threads", "wsgi_app:app", "--max-body", "32MiB"))
    assert 5e6 < peak < 1e9
