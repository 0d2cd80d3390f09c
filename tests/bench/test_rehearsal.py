"""An experiment that cannot work ends before round 1 and says why."""

from pathlib import Path

import pytest

from bench.method import rehearsal
from bench.method.experiment import parse
from bench.servers.server import Failed

APP = """
def app(environ, start_response):
    status = "200 OK" if environ["PATH_INFO"] in {paths} else "404 Not Found"
    start_response(status, [("Content-Length", "13")])
    return [b"Hello, World!"]
"""


@pytest.fixture
def cells(tmp_path):
    """``cells(paths, workloads)`` returns cells of py-threads with an app that answers 200 at these paths."""

    def make(paths, workloads):
        (tmp_path / "own_app.py").write_text(APP.format(paths=paths))
        options = ["--app-dir", str(tmp_path), "own_app:app"]
        servers = {"with an app": {"server": "py-threads", "options": options}}
        grid = {"servers": ["with an app"], "workloads": workloads}
        return parse({"servers": servers, "grid": [grid]}, Path("own.toml")).cells

    return make


def complaint(cells):
    with pytest.raises(Failed) as failure:
        rehearsal.check(cells)
    first, said = str(failure.value).split("\n", 1)
    assert first == "the experiment cannot work:"
    return said


def cells_of(server, workloads, **table):
    servers = {"mine": {"server": server, **table}}
    return parse({"servers": servers, "grid": [{"servers": ["mine"], "workloads": workloads}]}, Path("own.toml")).cells


def test_every_workload_of_tandem_can_be_measured():
    rehearsal.check(cells_of("uv-loop", ["plaintext", "json", "echo", "sleep", "primes", "hash", "file"]))


def test_what_tandem_does_not_have_is_no_reason_to_end():
    """Its cell is n/a. Peers may have the workload, and their cells are measured."""
    rehearsal.check(cells_of("uv-loop", ["plaintext", "matmul"]))


def test_a_path_that_the_app_has_is_not_the_workload(cells):
    assert complaint(cells(["/plaintext"], ["plaintext"])) == (
        "with an app counts /plaintext as app, not as its workload plaintext: the app that its options mount has that "
        "path. Measure plaintext in a server without an app"
    )


def test_an_app_that_has_another_workloads_path_alone(cells):
    assert complaint(cells(["/plaintext"], ["json"])).startswith(
        "with an app counts /json as app, not as its workload json"
    )


def test_an_app_that_does_not_have_the_path(cells):
    assert complaint(cells([], ["plaintext"])) == (
        "with an app: /plaintext answers 404: the app that its options mount has that path"
    )


def test_a_server_that_does_not_start():
    said = complaint(cells_of("uv-loop", ["plaintext"], options=["--threads", "none"]))
    assert said.startswith("mine did not start\n")
    assert "--threads" in said
