"""Marks: ``POST /stats/marks/NAME`` sets a mark, and ``GET /stats?since=NAME`` covers the time since then."""

import json
import time

import pytest

from support import Background, wait_until


def error(response):
    status, headers, body = response
    assert headers["Content-Type"] == "application/json"
    return status, json.loads(body)["error"]


def test_a_mark_is_set_and_set_again(serve):
    server = serve("--mode", "uv-loop")
    before = time.time()
    status, headers, body = server.request("POST", "/stats/marks/first")
    mark = json.loads(body)
    assert (status, headers["Content-Type"], mark["name"]) == (201, "application/json", "first")
    assert before - 1 < mark["time"] < time.time() + 1
    status, _, body = server.request("POST", "/stats/marks/first", b"a body that nobody reads")
    assert status == 200 and json.loads(body)["time"] >= mark["time"]


def test_since_a_mark_it_is_what_came_since(serve):
    server = serve("--mode", "compare")
    for _ in range(3):
        server.get("/uv-loop/json")
    server.get("/py-threads/sleep?ms=200")
    server.set_mark("m")
    for _ in range(5):
        server.get("/uv-loop/json")
    server.get("/py-threads/sleep?ms=10")
    server.get("/nowhere")
    whole, since = server.stats(), server.stats("m")
    assert since.keys() == whole.keys()
    assert (whole["tandem"]["since"], since["tandem"]["since"]) == (None, "m")
    assert whole["tandem"]["window_seconds"] == pytest.approx(whole["tandem"]["uptime_seconds"], abs=0.1)
    assert 0 < since["tandem"]["window_seconds"] < whole["tandem"]["window_seconds"]
    assert since["tandem"]["uptime_seconds"] >= whole["tandem"]["uptime_seconds"]
    assert since["models"]["uv-loop"]["requests_total"] == 5
    assert since["models"]["uv-loop"]["workloads"]["json"]["phases"]["total"]["count"] == 5
    assert whole["models"]["uv-loop"]["workloads"]["json"]["phases"]["total"]["count"] == 8
    sleep = since["models"]["py-threads"]["workloads"]["sleep"]["phases"]["handler"]
    assert sleep["count"] == 1 and 0.009 < sleep["max"] < 0.19
    assert since["http"]["responses"]["4xx"] == 1
    assert since["process"]["cpu_user_seconds"] <= whole["process"]["cpu_user_seconds"]
    assert since["process"]["resident_memory_bytes"] > 1 << 20
    assert since["loops"][0]["delay"]["count"] < whole["loops"][0]["delay"]["count"]


def test_states_are_those_of_now(serve):
    server = serve("--mode", "uv-pool", "--threads", "1")
    waiting = [Background(server.get, "/sleep?ms=700")]
    wait_until(lambda: server.has_begun("uv-pool"))  # otherwise two may wait before a thread has taken the first
    waiting += [Background(server.get, "/sleep?ms=1") for _ in range(2)]
    wait_until(lambda: server.model("uv-pool")["queue_length"] == 2)
    server.set_mark("m")
    since = server.stats("m")
    model = since["models"]["uv-pool"]
    assert (model["requests_total"], model["in_flight"], model["queue_length"], model["threads"]) == (0, 3, 2, 1)
    assert since["http"]["connections_active"] >= 4
    assert since["http"]["requests_in_flight"] == 4
    for request in waiting:
        assert request.result()[0] == 200


def test_utilization_is_that_of_the_window(serve):
    server = serve("--mode", "uv-loop")
    assert server.get("/primes?n=3000000")[0] == 200
    server.set_mark("idle")
    time.sleep(0.3)
    assert server.stats("idle")["loops"][0]["utilization"] < 0.5
    server.set_mark("busy")
    assert server.get("/primes?n=3000000")[0] == 200
    assert server.stats("busy")["loops"][0]["utilization"] > 0.5


def test_an_unknown_mark_is_a_404_that_names_those_there_are(serve):
    server = serve("--mode", "uv-loop")
    assert error(server.get("/stats?since=x")) == (404, "no mark x; none is set; POST /stats/marks/NAME sets one")
    server.set_mark("a")
    server.set_mark("b")
    assert error(server.get("/stats?since=x")) == (404, "no mark x; there are, newest first: b, a")
    assert error(server.get("/stats?since=")) == (404, "no mark ; there are, newest first: b, a")
    assert error(server.get("/stats?since=a&since=b")) == (400, "since is given twice")
    assert server.get("/stats?since=%61")[0] == 200


def test_sixteen_marks_are_kept(serve):
    server = serve("--mode", "uv-loop")
    for number in range(17):
        server.set_mark(f"m{number}")
    assert server.get("/stats?since=m0")[0] == 404
    assert all(server.get(f"/stats?since=m{number}")[0] == 200 for number in range(1, 17))


@pytest.mark.parametrize("name", ["", "a%20b", "a/b", "%c3%a4", "x" * 65, "a,b", "%22"])
def test_a_name_that_is_none(compare, name):
    status, sentence = error(compare.request("POST", f"/stats/marks/{name}"))
    assert status == 400 and sentence.endswith("is no name for a mark: it is 1 to 64 of A-Z a-z 0-9 . _ -")


def test_the_longest_name(serve):
    server = serve("--mode", "uv-loop")
    name = "x.Y-9_" + "z" * 58
    assert server.request("POST", f"/stats/marks/{name}")[0] == 201
    assert server.stats(name)["tandem"]["since"] == name


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_mark_is_set_by_post(compare, method):
    status, headers, _ = compare.request(method, "/stats/marks/m")
    assert (status, headers["Allow"]) == (405, "POST")


def test_the_admin_port_has_the_same_marks(serve):
    server = serve("--mode", "uv-loop", "--loops", "2", "--admin", "0")
    admin = server.admin()
    server.set_mark("a")
    admin.set_mark("b")
    assert server.get("/json")[0] == 200
    for client in (server, admin):
        for name in "ab":  # the loop that answered may not have recorded the request yet
            wait_until(lambda: client.stats(name)["models"]["uv-loop"]["requests_total"] == 1)  # noqa: B023
    assert admin.get("/metrics")[0] == 200
