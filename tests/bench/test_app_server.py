"""bench/peers/apps: the description of each server is right, and its packages are pinned."""

import os
import re
import subprocess
import sys

import pytest

from bench.load import wrk
from bench.servers import app_server
from bench.servers.app_server import HERE, AppServer, TandemApp
from bench.servers.tandem import default
from bench.targets import uploads

every_server = pytest.mark.parametrize("name", app_server.known())
FILES = ["requirements.txt", *(f"optional/{path.name}" for path in (HERE / "optional").iterdir())]


def pins(file):
    lines = [line for line in (HERE / file).read_text().splitlines() if line[0] != "#"]
    return [line.partition("==") for line in lines]


@pytest.mark.parametrize("file", FILES)
def test_packages_are_pinned(file):
    assert pins(file) and all(re.fullmatch(r"[\w.]+", version) for _, _, version in pins(file))


def test_no_package_is_pinned_twice():
    packages = [name for file in FILES for name, _, _ in pins(file)]
    assert len(packages) == len(set(packages))


@every_server
def test_its_package_is_where_it_is_said_to_be(name):
    about = app_server.known()[name]
    assert set(about) <= {"package", "optional", "wsgi", "asgi"}
    file = f"optional/{about['package']}.txt" if about.get("optional") else "requirements.txt"
    assert about["package"] in [package for package, _, _ in pins(file)]


@every_server
def test_it_runs_an_app_that_is_named_on_a_port_that_is_named(name):
    kinds = [kind for kind in ("wsgi", "asgi") if kind in app_server.known()[name]]
    assert kinds
    for kind in kinds:
        server = AppServer(name, kind, "some:app")
        command = " ".join(server.command)
        assert "some:app" in command and str(server.known_port) in command
        assert "{" not in command


@every_server
def test_it_runs_the_same_app_with_the_garbage_collector_of_tandem(name):
    """The row's name says so. The app is the same file."""
    kinds = [kind for kind in ("wsgi", "asgi") if kind in app_server.known()[name]]
    for kind in kinds:
        server = AppServer(name, kind, "some:app", gc_of_tandem=True)
        assert server.name == f"{name}, gc {default('gc-threshold')}"
        command = " ".join(server.command)
        assert "gc_as_tandem:app" in command and "some:app" not in command
        assert server.environment["APP"] == "some:app"
    assert "APP" not in AppServer(name, kinds[0], "some:app").environment


def test_an_app_with_the_garbage_collector_of_tandem_has_what_is_set_there():
    """The thresholds and the frozen objects are the same as in tests/e2e/test_gc_threshold.py."""
    named, environment = app_server.with_gc_of_tandem("wsgi_app:app")
    module, _, attribute = named.partition(":")
    code = (
        f"import gc, {module}, wsgi_app\n"
        f"assert {module}.{attribute} is wsgi_app.app\n"
        "print(*gc.get_threshold(), sep=',')\n"
        "print(gc.get_freeze_count())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    threshold, frozen = told.stdout.splitlines()
    assert threshold == default("gc-threshold")
    assert int(frozen) > 1000


def test_tandem_has_the_same_packages_and_the_same_app():
    command = TandemApp("py-threads", "some:app", "--max-body", "1MiB").command
    assert command[-1] == "some:app"
    assert command[command.index("--venv") + 1] == str(app_server.VENV)
    assert command[command.index("--app-dir") + 1] == str(HERE)


def test_what_did_not_install_has_pips_last_words_for_a_reason(tmp_path):
    log = tmp_path / "not-installed" / "bjoern"
    assert app_server.why_not_installed("bjoern", tmp_path) is None
    log.parent.mkdir()
    log.write_text("much\nERROR: Could not build wheels for bjoern\n")
    assert app_server.why_not_installed("bjoern", tmp_path) == (
        "does not install here: ERROR: Could not build wheels for bjoern"
    )
    log.write_text("")
    assert app_server.why_not_installed("bjoern", tmp_path) == "does not install here: pip did not say why"


def test_what_wrk_uploads_is_what_is_asked_for():
    piece, times = re.search(r'string.rep\("(\w+)", (\d+)\)', (wrk.SCRIPTS / "upload.lua").read_text()).groups()
    assert len(piece) * int(times) == uploads.BYTES == len(uploads.UPLOAD.body) == int(uploads.UPLOAD.answer)


@pytest.mark.parametrize("framework", ["fastapi", "Flask", "gunicorn", "granian", "uvicorn", "uvloop", "httptools"])
def test_versions_are_those_of_the_peers(framework):
    """The versions agree, so figures of the two tables can be compared."""
    here = {name: version for name, _, version in pins("requirements.txt")}
    for file in HERE.parent.glob("*/requirements.txt"):
        for line in file.read_text().splitlines():
            if line.startswith(f"{framework}=="):
                assert line == f"{framework}=={here[framework]}", file
