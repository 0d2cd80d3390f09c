"""Short real runs of the benchmark driver. Its output and its files must have what it measured."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import schema
from bench.servers import app_server
from bench.targets import apps

from support import SANITIZED, wait_until

TOP = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="it drives build/release")


def bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
    )


def servers_of(pid):
    """Returns the child processes that are serving tandems. A tandem that prints its version is not one of them."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the child has ended meanwhile
            if "--mode" in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                found.append(child)
    return found


def compared(directory, *arguments):
    """Runs a comparison, and returns its document and its output."""
    result = bench(*arguments, "--out", directory)
    assert result.returncode == 0, result.stdout + result.stderr
    document = json.loads((directory / "results.json").read_text())
    schema.validate(document)
    return document, result


def test_a_short_comparison(tmp_path):
    models, workloads = ["uv-loop", "py-threads"], ["json", "echo"]
    chosen = ("--models", ",".join(models), "--workloads", ",".join(workloads), "--seed", 5)
    document, result = compared(tmp_path, *chosen, "--rounds", 4, "--connections", 8, "--seconds", 0.2)
    assert document["experiment"]["seed"] == 5
    assert document["claims"] == []  # only experiments that say so judge them
    assert [(cell["workload"], cell["server"]) for cell in document["cells"]] == [
        (workload, model) for workload in workloads for model in models
    ]
    for cell in document["cells"]:
        figures = cell["figures"]
        assert cell["state"] == "measured"
        assert all(len(figure["values"]) == 4 for figure in figures.values())
        assert min(figures["requests_per_second"]["values"]) > 0
        for clock in ("server", "client", "wrk"):
            p50, p99, most = (figures[f"{clock}_{name}_seconds"]["median"] for name in ("p50", "p99", "max"))
            assert 0 < p50 <= p99 <= most
        assert figures["resident_bytes"]["median"] <= figures["peak_resident_bytes"]["median"]
        assert set(cell["phases"]) == {"queue", "gil", "handler", "return", "write"}
        assert (cell["against"] is None) == (cell["server"] == "py-threads")
        assert f"{figures['requests_per_second']['median']:,.0f}" in result.stdout
    assert "round 4/4: " in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "report.html", "report.md"}


def test_an_open_loop_is_timed_from_when_requests_were_due(tmp_path):
    chosen = ("--models", "uv-loop", "--workloads", "plaintext", "--rate", "500,2000", "--rounds", 1)
    document, _ = compared(tmp_path, *chosen, "--seconds", 0.5)
    for cell, rate in zip(document["cells"], (500, 2000), strict=True):
        figures = cell["figures"]
        assert cell["rate"] == rate
        assert 0.5 * rate < figures["requests_per_second"]["median"] < 1.5 * rate
        assert 0 < figures["sent_p50_seconds"]["median"] <= figures["client_p50_seconds"]["median"]
        assert "wrk_p50_seconds" not in figures


def test_an_experiment_of_ones_own(tmp_path):
    """The experiment has a peer, a model with options, idle connections, all cores, and a workload the peer lacks."""
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        title = "Mine"
        baseline = "nginx"
        rounds = 1
        seconds = 0.2
        [servers."two threads"]
        server = "uv-pool"
        options = ["--threads", "2"]
        [[grid]]
        servers = ["nginx", "two threads"]
        workloads = ["plaintext", "hash"]
        idle = [30]
        cores = "shared"
        """
    )
    document, _ = compared(tmp_path / "out", path)
    states = {(cell["server"], cell["workload"]): cell["state"] for cell in document["cells"]}
    assert states == {
        ("nginx", "plaintext"): "measured",
        ("two threads", "plaintext"): "measured",
        ("nginx", "hash"): "unsupported",
        ("two threads", "hash"): "measured",
    }
    assert document["servers"]["nginx"]["versions"][0].startswith("nginx")
    assert "--threads 2" in document["servers"]["two threads"]["command"]
    assert document["cells"][1]["against"]["requests_per_second"]["ratio"] > 0


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("b'Hello, World!'", "counts /plaintext as app, not as its workload plaintext: the app that its options mount"),
        (
            "b'something else'",
            "counts /plaintext as app, not as its workload plaintext: the app that its options mount",
        ),
        (None, "cannot be loaded: there is no module mounted in"),
    ],
)
def test_an_experiment_that_cannot_work_ends_before_its_first_round(tmp_path, app, said):
    """A mounted app has every path, so it hides tandem's own workloads."""
    if app:
        (tmp_path / "mounted.py").write_text(
            f"def app(environ, start_response):\n    start_response('200 OK', [])\n    return [{app}]\n"
        )
    path = tmp_path / "mine.toml"
    path.write_text(
        f"""
        [servers."my app"]
        server = "py-threads"
        options = ["--app-dir", "{tmp_path}", "mounted:app"]
        [[grid]]
        servers = ["uv-loop", "my app"]
        workloads = ["plaintext"]
        """
    )
    result = bench(path, "--out", tmp_path / "out")
    assert result.returncode == 1
    assert "the experiment cannot work:\nmy app " in result.stdout
    assert said in result.stdout.replace("\n", " ")
    assert "round 1" not in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not app_server.PYTHON.exists(), reason="./dev peers apps has not been run")
def test_a_short_target_of_an_app(tmp_path):
    result = bench("targets", "--only", "fastapi", "--rounds", 2, "--seconds", 0.2, "--out", tmp_path)
    assert result.returncode in (0, 1), result.stdout + result.stderr  # 1: the target does not hold
    document = json.loads((tmp_path / "targets.json").read_text())
    assert {"granian", "uvicorn", "fastapi"} <= set(document["environment"]["apps"])
    (target,) = document["targets"]
    assert target["what"] == "CPU per request" and target["at_most"]
    assert target["value"] > 0 and target["held"] == (target["value"] <= target["limit"])
    held = target["contest"]
    assert set(held["servers"]) | set(held["not_measured"]) == {"py-asyncio", *apps.both(app_server.names("asgi"))}
    assert {"py-asyncio", *apps.both(["granian", "uvicorn"])} <= set(held["servers"]), held["not_measured"]
    assert held["app_alone_cpu_us"] > 0
    for name, found in held["servers"].items():
        assert name in result.stdout
        assert len(found["rounds"]) == 2
        assert found["requests_per_second"] > 0 and found["cpu_us_per_request"] > 0


def test_two_runs_are_told_apart(tmp_path):
    chosen = ("--models", "uv-loop", "--workloads", "json", "--rounds", 1, "--seconds", 0.2)
    for name in ("a", "b"):
        compared(tmp_path / name, *chosen)
    result = bench("compare", tmp_path / "a" / "results.json", tmp_path / "b")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "uv-loop" in result.stdout and "~" in result.stdout
    assert "Nothing here can be significant: one round of each is too few to tell them apart: it takes 4." in (
        result.stdout
    )
    page = tmp_path / "a" / "report.html"
    page.unlink()
    assert bench("report", tmp_path / "a" / "results.json", "--out", tmp_path / "a").returncode == 0
    assert page.exists()


def test_sigterm_leaves_no_server_behind(tmp_path):
    command = [sys.executable, "-m", "bench", "--models", "uv-loop", "--workloads", "json", "--seconds", "30"]
    with subprocess.Popen([*command, "--out", tmp_path], cwd=TOP, stdout=subprocess.DEVNULL) as driver:
        wait_until(lambda: servers_of(driver.pid), 60)
        servers = servers_of(driver.pid)
        driver.terminate()
        assert driver.wait(60) == 128 + signal.SIGTERM
    assert not [pid for pid in servers if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--models", "uv-lop"), "'uv-lop' is none of: uv-loop, "),
        (("--peers", "node"), "'node' is none of: asgi-granian, "),
        (("--workloads", "json,nope"), "'nope' is none of: plaintext, "),
        (("--rounds", "0"), "'0' is not a whole number from 1 on"),
        (("--rate", "x"), "'x' is not a whole number from 1 on"),
        (("--seconds", "nan"), "'nan' is not a number of seconds from 0.1 to 3600"),
        (("targets", "--only", "x"), "'x' is none of: models, "),
        (("targets", "--rounds", "1"), "--rounds and --seconds are for the targets of apps; name those: --only wsgi,"),
        (("targets", "--models", "uv-loop"), "--models is for experiments; targets takes --only, --rounds, "),
        (("compare", "a", "b", "--rounds", "3"), "--rounds is for experiments, targets; compare takes no option"),
        (("models", "--record"), "--record is for targets, instructions; models takes --models, "),
        (("instructions", "--out", "x"), "--out is for experiments, report, targets; instructions takes --record"),
        (("compare", "one.json"), "compare takes 2 files or directories, not 1"),
        (("full", "stray"), "full takes no files or directories, not 1"),
    ],
)
def test_wrong_usage(arguments, complaint):
    result = bench(*arguments)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert len(result.stderr.splitlines()) == 2  # the complaint stands alone, before the word on --help


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("fast",), "no experiment 'fast'; there are: "),
        (("nowhere.toml",), "there is no file nowhere.toml"),
        (
            ("compare", "no.json", "no.json"),
            "no.json: No such file or directory; a results.json that ./dev bench wrote",
        ),
        (("compare", "tests", "tests"), "tests/results.json: No such file or directory; a results.json that"),
        (("report", "README.md"), "README.md: not JSON: "),
        (("report", "docs/targets.json"), "a results.json that ./dev bench wrote is wanted, or its directory"),
    ],
)
def test_what_is_not_there(arguments, complaint):
    result = bench(*arguments)
    assert result.returncode == 1
    assert complaint in " ".join(result.stdout.split())
    assert "Traceback" not in result.stderr
