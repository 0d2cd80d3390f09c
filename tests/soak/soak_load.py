"""Sends many requests to each model, from wrk and from difficult clients.

In the end nothing is in flight, nothing is lost, and no sanitizer reports an error.
"""

import itertools
import os
import subprocess
import sys

import pytest
from clients import Crowd

from support import MODELS, wait_until

REQUESTS = int(os.environ["TANDEM_SOAK"])
PATHS = ("/plaintext", "/json", "/sleep?ms=1", "/hash?kib=1", "/file?size=4k", "/primes?n=200", "/file?size=64k")
WRK_SECONDS = 2

CASES = {model: ["--mode", model] for model in MODELS}
CASES["py-asyncio on uvloop"] = ["--mode", "py-asyncio", "--venv", sys.prefix, "--asyncio-loop", "uvloop"]


def send_many(server, path):
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{WRK_SECONDS}s", url]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "Non-2xx" not in output, output


@pytest.mark.parametrize("case", CASES)
def test_load(serve, case):
    options = CASES[case]
    model = options[1]
    server = serve(*options, "--threads", "4")
    crowd = Crowd(server.port, seed=case)
    served = 0
    for path in itertools.cycle(PATHS):
        send_many(server, path)
        assert server.model(model)["requests_total"] > served, "it has stopped serving"
        served = server.model(model)["requests_total"]
        if served >= REQUESTS:
            break
    crowd.go()
    assert crowd.served > 0
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1, 60)
    wait_until(lambda: server.model(model)["in_flight"] == 0, 60)
    stats = server.stats()
    assert stats["http"]["requests_in_flight"] == 1
    assert stats["models"][model]["queue_length"] == 0
    assert stats["models"][model]["errors_total"] == 0
    server.stop()
    assert server.log().count(" ERROR ") == 0, server.log()
