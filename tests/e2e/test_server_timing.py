"""--server-timing: the response of each workload has the times of its phases."""

import re

import pytest

from support import MODELS, Background

NUMBER = r"(\d+\.\d{3})"
SHAPE = f"queue;dur={NUMBER}, gil;dur={NUMBER}, handler;dur={NUMBER}, return;dur={NUMBER}"


def timing(headers):
    match = re.fullmatch(SHAPE, headers["Server-Timing"])
    assert match, headers["Server-Timing"]
    return [float(number) for number in match.groups()]


@pytest.mark.parametrize("model", MODELS)
def test_it_says_what_happened(serve, model):
    server = serve("--mode", model, "--server-timing")
    queue, gil, handler, back = timing(server.get("/sleep?ms=50")[1])
    assert 49 <= handler < 1000
    assert queue < 1000 and gil < 1000 and back < 1000
    assert timing(server.request("HEAD", "/json")[1])[2] < 1000


def test_the_queue_is_seen(serve):
    server = serve("--mode", "uv-pool", "--threads", "1", "--server-timing")
    requests = [Background(server.get, "/sleep?ms=100") for _ in range(3)]
    waits = sorted(timing(request.result()[1])[0] for request in requests)
    assert waits[2] > 150


def test_not_of_pages_and_refusals_and_not_without_the_option(serve):
    server = serve("--mode", "uv-loop", "--server-timing")
    for path in ("/stats", "/livez", "/nothing", "/sleep?ms=x"):
        assert server.get(path)[1]["Server-Timing"] is None
    assert serve("--mode", "uv-loop").get("/json")[1]["Server-Timing"] is None
