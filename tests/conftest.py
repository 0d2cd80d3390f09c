import fcntl
import os
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from changed import LEFT_OUT

from bench import report

import made_up_results
from project import Project
from support import APPS, INCLUDE, Server


def pytest_runtest_setup(item):
    """Ends ./dev test --changed in time: skips tests after TANDEM_TESTS_UNTIL, except the smoke test."""
    until = os.environ.get("TANDEM_TESTS_UNTIL")
    if until and time.monotonic() > float(until) and item.path.name != "test_smoke.py":
        pytest.skip(LEFT_OUT)


def made_once(tmp_path_factory, name, make):
    """Returns a directory that ``make(directory)`` has filled, once for all workers of pytest-xdist.

    name must be unique in the test run. The other workers wait until the directory is complete.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / name).exists():
            make(shared / f"{name}.part")
            (shared / f"{name}.part").rename(shared / name)
    return shared / name


@pytest.fixture(scope="session")
def made_up_report(tmp_path_factory):
    """A directory with results.json, report.html and report.md of made-up figures. Tests must not change it."""
    return made_once(tmp_path_factory, "made-up-report", lambda path: report.write(made_up_results.document(), path))


@pytest.fixture
def serve():
    """``serve("--mode", "uv-loop")`` starts a server. Every server must end cleanly after the test."""
    servers = []

    def start(*options, **more):
        server = Server(*options, **more)
        servers.append(server)
        return server

    yield start
    for server in servers:
        if not server.stopped:
            server.stop()


@pytest.fixture
def project(tmp_path, serve):
    """A directory with an app that the test edits while it is served."""
    return Project(tmp_path, serve)


@pytest.fixture(scope="session", params=[1, 2, 3], ids="{0} loops".format)
def compare(request):
    """A shared server with every model, for tests that change nothing but its counters."""
    server = Server("--mode", "compare", "--loops", str(request.param))
    yield server
    server.stop()


@pytest.fixture
def installed():
    """``installed(directory)`` installs the build under test there. The test may change this copy."""

    def install(directory):
        prefix = Path("/usr/local")
        subprocess.run(
            ["meson", "install", "--quiet", "--no-rebuild", "-C", os.environ["TANDEM_BUILD"], "--destdir", directory],
            check=True,
        )
        top = Path(directory) / prefix.relative_to("/")
        return SimpleNamespace(
            directory=top, binary=str(top / "bin" / "tandem"), python_source=top / "share" / "tandem" / "pysrc"
        )

    return install


@pytest.fixture(scope="module", params=["py-inline", "py-threads", "py-subinterp"])
def wsgi_app(request):
    """A server with tests/apps/wsgi_app.py at its root. Each test runs in every model that runs WSGI apps."""
    options = ("--app-dir", APPS, "--threads", "2", "--max-body", "64MiB")
    server = Server("--mode", request.param, *options, "wsgi_app:app")
    yield server
    server.stop()


@pytest.fixture
def compiled(tmp_path):
    """``compiled(source)`` compiles a native handler, and returns the path of the shared object."""

    def compile_it(source, compiler=("gcc",), include=INCLUDE, name="mine"):
        suffix = ".cc" if compiler[0] == "g++" else ".c"
        (tmp_path / (name + suffix)).write_text("#include <tandem/handler.h>\n" + source)
        shared = str(tmp_path / f"{name}.so")
        command = [*compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", f"-I{include}", "-o", shared]
        subprocess.run([*command, str(tmp_path / (name + suffix))], check=True)
        return shared

    return compile_it
