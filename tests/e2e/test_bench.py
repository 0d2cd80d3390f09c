"""The comparison's driver, run for real but short: what it prints and writes is what it measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import SANITIZED

TOP = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="it drives build/release")


def bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_short_comparison(tmp_path):
    models, workloads = ["uv-loop", "py-threads"], ["json", "echo"]
    chosen = ("--models", ",".join(models), "--workloads", ",".join(workloads))
    result = bench(*chosen, "--rounds", "2", "--connections", "8", "--out", str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr
    document = json.loads((tmp_path / "results.json").read_text())
    assert {"tandem", "wrk", "kernel", "cpu", "placement", "flags"} <= set(document["environment"])
    assert [(cell["workload"], cell["model"]) for cell in document["cells"]] == [
        (workload, model) for workload in workloads for model in models
    ]
    for cell in document["cells"]:
        rates = [run["requests_per_second"] for run in cell["rounds"]]
        assert len(rates) == 2
        assert cell["requests_per_second"] == sum(rates) / 2
        assert min(rates) > 0
        assert cell["failed_requests"] == 0
        assert all(run["requests"] * run["cpu_us_per_request"] > 0 for run in cell["rounds"])
        assert 0 < cell["latency_seconds"]["p50"] <= cell["latency_seconds"]["p99"] <= cell["latency_seconds"]["max"]
        assert f"{cell['requests_per_second']:,.0f}" in result.stdout
    assert result.stdout.count("vs py-threads") == len(workloads)
    assert "round 2/2: echo in py-threads" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--models", "uv-lop"), "'uv-lop' is none of: uv-loop, "),
        (("--workloads", "json,nope"), "'nope' is none of: plaintext, "),
        (("--rounds", "0"), "'0' is not a whole number from 1 on"),
        (("bars", "--only", "x"), "'x' is none of: models, "),
    ],
)
def test_wrong_usage(arguments, complaint):
    result = bench(*arguments)
    assert result.returncode == 2
    assert complaint in result.stderr
