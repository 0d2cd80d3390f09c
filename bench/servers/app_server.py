"""Servers of one and the same app, of bench/peers/apps: tandem in a model, and others as servers.toml has them.

All use the packages of one venv, which ``./dev peers apps`` makes, and start in the folder of the apps' sources.
"""

import subprocess
import tomllib

from bench.servers.listening import Listening, free_port
from bench.servers.peer import fill_in, places
from bench.servers.server import Failed
from bench.servers.tandem import BUILT_BENCH, Tandem

HERE, INSTALLED = (places("apps")[place] for place in ("here", "installed"))
VENV = INSTALLED / "venv"
PYTHON = VENV / "bin" / "python"
ENVIRONMENT = {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}


def known():
    """``{name: what servers.toml says}``."""
    return tomllib.loads((HERE / "servers.toml").read_text())


def names(interface):
    """Of those that run an app of this kind, "wsgi" or "asgi"."""
    return [name for name, about in known().items() if interface in about]


def why_not_installed(package, folder=INSTALLED):
    """What pip said last, where it could not install an optional package; None where it could."""
    log = folder / "not-installed" / package
    if not log.exists():
        return None
    said = log.read_text().split("\n\n")[-1].strip().splitlines()
    return f"does not install here: {said[-1] if said else 'pip did not say why'}"


def versions():
    """``{package: version}`` of the servers and the frameworks that are installed."""
    wanted = {about["package"] for about in known().values()} | {"fastapi", "flask", "uvloop", "httptools"}
    installed = sorted(package for package in wanted if why_not_installed(package) is None)
    command = [PYTHON, HERE.parent / "shared" / "versions.py", *installed]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split() for line in lines)


class AppServer(Listening):
    """One of servers.toml with the app MODULE:ATTRIBUTE."""

    def __init__(self, name, interface, app, first_path="/"):
        self.about = known()[name]
        port = free_port()
        command = fill_in(self.about[interface], {"bin": VENV / "bin", "here": HERE, "app": app, "port": port})
        super().__init__(name, port, command, ENVIRONMENT)
        self.first_path = first_path

    def __enter__(self):
        reason = why_not_installed(self.about["package"])
        if reason:
            raise Failed(f"{self.name} {reason}")
        return super().__enter__()


class TandemApp(Tandem):
    """tandem in one model with the app MODULE:ATTRIBUTE, which then has the path /."""

    def __init__(self, model, app, *options, first_path="/"):
        super().__init__(model, "--app-dir", HERE, "--venv", VENV, *options, app)
        self.environment = ENVIRONMENT
        self.first_path = first_path


class HandlerInC(Tandem):
    """uv-loop with bodies.c, which answers as wsgi_app.py does."""

    def __init__(self):
        super().__init__("uv-loop", "--native", BUILT_BENCH / "bodies.so", name="a handler in C")
        self.first_path = "/"
