"""Python's garbage collector: --gc-threshold in every model that runs Python, and objects frozen after the import."""

import json
from pathlib import Path

import pytest

from project import expect_ready
from support import APPS, Background, wait_until

KINDS = {"py-inline": "wsgi", "py-threads": "wsgi", "py-subinterp": "wsgi", "py-asyncio": "asgi"}
CYCLES = 20_000  # as in collector_app.py
FROZEN = 1000  # at least; Python's own modules alone are more objects than that

every_model = pytest.mark.parametrize("model", KINDS)


def options(model, *more):
    return ("--mode", model, "--app-dir", APPS, *more, f"collector_app:{KINDS[model]}")


def report(server, query=""):
    status, _, body = server.get(f"/?{query}")
    assert status == 200, body
    return json.loads(body)


@every_model
@pytest.mark.parametrize("threshold", ["4321,7,6", "0,10,10"])
def test_what_is_set_holds_in_the_app_and_is_on_record(serve, model, threshold):
    server = serve(*options(model, "--gc-threshold", threshold))
    found = report(server)
    assert found["threshold"] == server.stats()["tandem"]["gc_threshold"] == [int(one) for one in threshold.split(",")]
    assert server.gc_threshold == threshold
    assert found["frozen"] > FROZEN


@every_model
def test_the_default_holds_in_the_app_and_is_on_record(serve, model):
    server = serve(*options(model))
    found = report(server)
    assert found["threshold"] == server.stats()["tandem"]["gc_threshold"]
    assert server.gc_threshold == ",".join(map(str, found["threshold"]))


def test_it_holds_in_each_subinterpreter(serve, tmp_path):
    """Each request keeps its interpreter until all three have one."""
    server = serve(*options("py-subinterp", "--threads", "3", "--gc-threshold", "4321,7,6"))
    go = tmp_path / "go"
    asked = [Background(report, server, f"until={go}") for _ in range(3)]
    wait_until(lambda: server.model("py-subinterp")["in_flight"] == 3)
    wait_until(lambda: server.model("py-subinterp")["queue_length"] == 0)
    go.touch()
    found = [one.result() for one in asked]
    assert len({one["interpreter"] for one in found}) == 3
    assert [one["threshold"] for one in found] == [[4321, 7, 6]] * 3
    assert min(one["frozen"] for one in found) > FROZEN


@every_model
def test_garbage_is_left_only_where_collection_is_off(serve, model):
    assert report(serve(*options(model, "--gc-threshold", "0,10,10")), "cycles=1")["left"] == CYCLES
    assert report(serve(*options(model, "--gc-threshold", "500,10,10")), "cycles=1")["left"] < 2000


@every_model
def test_an_app_may_set_a_threshold_of_its_own(serve, model):
    server = serve(*options(model, "--gc-threshold", "4321,7,6"), env={"TEST_GC_THRESHOLD_OF_APP": "1234"})
    assert report(server)["threshold"] == [1234, 7, 6]
    assert server.stats()["tandem"]["gc_threshold"] == [4321, 7, 6]


@every_model
def test_both_hold_after_a_reload(project, model):
    source = Path(APPS, "collector_app.py").read_text()
    project.write("main.py", f"{source}\napp = {KINDS[model]}\n")
    server = project.serve("--gc-threshold", "4321,7,6", mode=model)
    before = report(server)
    project.write("main.py", f"{source}\nNEW = True\napp = {KINDS[model]}\n")
    expect_ready(server)
    after = report(server)
    assert before["threshold"] == after["threshold"] == [4321, 7, 6]
    assert min(before["frozen"], after["frozen"]) > FROZEN


def test_without_python_there_is_no_threshold(serve):
    server = serve("--mode", "uv-loop", "--gc-threshold", "4321,7,6")
    assert server.stats()["tandem"]["gc_threshold"] is None
    assert server.gc_threshold is None
