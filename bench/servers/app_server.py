"""Servers of the same app from bench/peers/apps: tandem in a model, and the servers of servers.toml.

All use the packages of one venv, which ``./dev peers apps`` creates, and have the folder of the apps' sources on
Python's path.
"""

import subprocess
import tomllib

from bench.machine import variables
from bench.servers.listening import Listening, free_port
from bench.servers.peer import fill_in, places
from bench.servers.server import Failed
from bench.servers.tandem import BUILT_BENCH, Tandem, default

HERE, INSTALLED = (places("apps")[place] for place in ("here", "installed"))
VENV = INSTALLED / "venv"
PYTHON = VENV / "bin" / "python"
ENVIRONMENT = {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}


def known():
    """Returns the content of servers.toml: ``{name: table}``."""
    return tomllib.loads((HERE / "servers.toml").read_text())


def names(interface):
    """Returns the names of the servers that run apps of this interface, "wsgi" or "asgi"."""
    return [name for name, about in known().items() if interface in about]


def with_gc_of_tandem(app):
    """Returns ``(app, environment)`` for the same app with Python's garbage collector set as tandem sets it."""
    return "gc_as_tandem:app", ENVIRONMENT | {"APP": app, "GC_THRESHOLD": default("gc-threshold")}


def name_with_gc(name):
    return f"{name}, gc {default('gc-threshold')}"


def why_not_installed(package, folder=INSTALLED):
    """Returns a reason with pip's last line if pip could not install an optional package, else None."""
    log = folder / "not-installed" / package
    if not log.exists():
        return None
    said = log.read_text().split("\n\n")[-1].strip().splitlines()
    return f"does not install here: {said[-1] if said else 'pip did not say why'}"


def versions():
    """Returns ``{package: version}`` of the installed servers and frameworks, and of the interpreter."""
    wanted = {about["package"] for about in known().values()} | {"fastapi", "flask", "uvloop", "httptools"}
    installed = sorted(package for package in wanted if why_not_installed(package) is None)
    command = [PYTHON, HERE.parent / "shared" / "versions.py", *installed]
    environment = variables.for_servers()
    lines = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.splitlines()
    return dict(line.split() for line in lines)


class AppServer(Listening):
    """A server of servers.toml with the app MODULE:ATTRIBUTE. ``gc_of_tandem``: the garbage collector is set as tandem
    sets it, and the name says so."""

    def __init__(self, name, interface, app, first_path="/", gc_of_tandem=False):
        self.about = known()[name]
        port = free_port()
        app, environment = with_gc_of_tandem(app) if gc_of_tandem else (app, ENVIRONMENT)
        command = fill_in(self.about[interface], {"bin": VENV / "bin", "here": HERE, "app": app, "port": port})
        super().__init__(name_with_gc(name) if gc_of_tandem else name, port, command, environment)
        self.first_path = first_path

    def __enter__(self):
        reason = why_not_installed(self.about["package"])
        if reason:
            raise Failed(f"{self.name} {reason}")
        return super().__enter__()


class TandemApp(Tandem):
    """tandem in one model with the app MODULE:ATTRIBUTE, mounted at the path /."""

    def __init__(self, model, app, *options, first_path="/"):
        super().__init__(model, "--app-dir", HERE, "--venv", VENV, *options, app)
        self.environment = ENVIRONMENT
        self.first_path = first_path


class HandlerInC(Tandem):
    """uv-loop with bodies.c, a handler that answers as wsgi_app.py does."""

    def __init__(self):
        super().__init__("uv-loop", "--native", BUILT_BENCH / "bodies.so", name="a handler in C")
        self.first_path = "/"
