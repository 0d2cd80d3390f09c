"""One run of a load generator: what becomes of its report, its end and its failure."""

import json
import sys
from types import SimpleNamespace

import pytest

from bench.load import run
from bench.servers.server import Failed

SERVER = SimpleNamespace(name="nobody", cpu_seconds=lambda: 0, resident_bytes=lambda: 4096)
REPORT = {"requests": 3, "duration_us": 2_000_000, "errors": {"timeout": 0}}


def generator(before):
    """Returns the command of a load generator that runs this Python code, and then reports."""
    return [sys.executable, "-c", f"import json, signal, sys, time\n{before}\nprint('JSON ' + {json.dumps(REPORT)!r})"]


def test_a_report_becomes_figures():
    report, fields = run.measure(SERVER, "/json", generator(""))
    assert report == REPORT
    assert (fields["requests"], fields["seconds"], fields["resident_bytes"]) == (3, 2, 4096)


def test_an_interrupt_before_the_generator_is_ready_does_not_end_it():
    slow = "time.sleep(0.3)\nsignal.signal(signal.SIGINT, signal.default_int_handler)"
    report, _ = run.measure(SERVER, "/json", generator(slow), interrupt_after=0.01)
    assert report == REPORT


def test_a_generator_that_fails_is_named_with_its_status_and_output():
    with pytest.raises(Failed, match=r"against nobody/json failed, with status 3:\nno server"):
        run.measure(SERVER, "/json", generator("print('no server'); sys.exit(3)"))
