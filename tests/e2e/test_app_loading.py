"""Loading an APP: the messages for apps that cannot be loaded or that no model runs, and virtual environments."""

import os
import re
import subprocess
import sys

import pytest

from support import APPS, run


@pytest.mark.parametrize(
    "app, status, error",
    [
        ("nowhere:app", 3, "APP: nowhere:app cannot be loaded: there is no module nowhere in "),
        ("wsgi_app:nothing_here", 3, "module wsgi_app has no nothing_here"),
        ("wsgi_app:not_callable", 3, "wsgi_app:not_callable is of type int, which cannot be called"),
        ("broken_app:app", 3, "RuntimeError: broken on purpose"),
        (
            "wsgi_app:factory",
            3,
            "cannot be called with environ and start_response; if it returns the app, give --factory",
        ),
        ("wsgi_app", 2, "APP: 'wsgi_app' is not MODULE:ATTRIBUTE, such as main:app"),
        (":app", 2, "is not MODULE:ATTRIBUTE"),
    ],
)
def test_an_app_that_cannot_be_loaded(app, status, error):
    done = run("--port", "0", "--mode", "py-inline", "--app-dir", APPS, app)
    assert done.returncode == status
    assert error in done.stderr
    assert ("Traceback" in done.stderr) == (app == "broken_app:app")


def test_packages_that_are_not_there_may_be_in_a_virtual_environment(tmp_path):
    (tmp_path / "needs_more.py").write_text("import no_such_package")
    done = run("--port", "0", "--mode", "py-inline", "--app-dir", str(tmp_path), "needs_more:app")
    assert done.returncode == 3
    assert "No module named 'no_such_package'; --venv DIR gives it a virtual environment's packages" in done.stderr


def test_a_mode_that_runs_no_such_app():
    done = run("--port", "0", "--mode", "uv-loop", "wsgi_app:app")
    assert (done.returncode, "runs no Python" in done.stderr) == (2, True)
    done = run("--port", "0", "--mode", "py-asyncio", "--app-dir", APPS, "wsgi_app:app")
    assert done.returncode == 2
    assert re.search("is a WSGI app, which --mode py-asyncio does not run; py-inline", done.stderr)


def test_an_activated_virtual_environment_is_used(serve, tmp_path):
    """The environment is activated as in a shell, with its programs first on the PATH."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    packages = tmp_path / "own" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    (packages / "only_there.py").write_text("NAME = b'from the environment'\n")
    (tmp_path / "main.py").write_text(
        "import only_there\n\ndef app(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return [only_there.NAME]\n"
    )
    for activated in (
        {"PATH": f"{tmp_path / 'own' / 'bin'}:{os.environ['PATH']}"},  # as in an image of a container
        {"VIRTUAL_ENV": str(tmp_path / "own")},
    ):
        server = serve("--mode", "py-inline", "--app-dir", str(tmp_path), "main:app", env=activated)
        assert server.get("/")[2] == b"from the environment"


def test_an_activated_virtual_environment_of_another_python_is_warned_of(serve, tmp_path):
    (tmp_path / "lib" / "python3.9" / "site-packages").mkdir(parents=True)
    server = serve("--mode", "py-inline", env={"VIRTUAL_ENV": str(tmp_path)})
    assert server.get("/plaintext")[0] == 200
    server.stop()
    minor = f"3.{sys.version_info.minor}"
    assert (
        f"the activated virtual environment '{tmp_path}' is not used: it has no lib/python{minor}/site-packages; "
        f"{sys.base_prefix}/bin/python{minor} -m venv DIR makes one that is" in server.log()
    )


def test_a_relative_virtual_environment_has_an_absolute_executable(serve, tmp_path, monkeypatch):
    """Apps start programs with sys.executable, perhaps from another directory."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    (tmp_path / "main.py").write_text(
        "import sys\n\ndef app(environ, start_response):\n"
        "    start_response('200 OK', [])\n    return [sys.executable.encode()]\n"
    )
    monkeypatch.chdir(tmp_path)
    server = serve("--mode", "py-inline", "--venv", "own", "main:app")
    assert server.get("/")[2] == str(tmp_path / "own" / "bin" / "python").encode()
