"""Starts and stops a process of each mode many times. It must serve and end cleanly each time."""

import os
import signal

import pytest

from support import MODELS, Server

# Proportional to the requests, so that a short soak is short: at least 5, at most 200 (from 200 000 requests on).
STARTS = max(5, min(200, int(os.environ["TANDEM_SOAK"]) // 1000))


@pytest.mark.parametrize("mode", [*MODELS, "compare"])
def test_starts_and_stops(mode):
    for round in range(STARTS):
        server = Server("--mode", mode, "--threads", "3")
        try:
            for model in MODELS if mode == "compare" else [mode]:
                assert server.get(f"/{model}/json")[2] == b'{"message":"Hello, World!"}'
            if round % 3 == 0:
                server.signal(signal.SIGINT)
                server.wait()
        finally:
            server.stop()
