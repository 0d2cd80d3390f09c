"""containers/wrk/load, the script that runs wrk in a container. The tests replace the commands that it calls."""

import os
import subprocess
from pathlib import Path

import pytest

from support import SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="says nothing about memory or threads")

LOAD = Path(__file__).resolve().parents[2] / "containers" / "wrk" / "load"


@pytest.fixture
def with_commands(tmp_path):
    """Runs the load script. The commands of the test come before the system's."""

    def run(commands, **environment):
        for name, script in commands.items():
            (tmp_path / name).write_text("#!/bin/sh\n" + script)
            (tmp_path / name).chmod(0o755)
        return subprocess.run(
            [LOAD],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "HERE": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_load_runs_wrk_as_told(with_commands):
    result = with_commands({"wrk": 'echo "$@"'}, LOAD_URL="http://x:8080/json", LOAD_SECONDS="3", LOAD_SCRIPT="post")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == (
        "-t1 -c64 -d3s --timeout 20s --latency -s /usr/local/share/wrk/post.lua http://x:8080/json"
    )
    assert with_commands({"wrk": "exit 7"}, LOAD_URL="http://x/").returncode == 7
    assert "what to ask for" in with_commands({}).stderr


def test_load_waits_for_the_others_and_the_clock(with_commands):
    commands = {
        "getent": 'echo "$2" >> "$HERE/asked"; [ "$(grep -c "^$2$" "$HERE/asked")" -gt 1 ]\n',
        "sleep": 'echo "slept $1" >> "$HERE/asked"\n',
        "wrk": 'cat "$HERE/asked"\n',
        "date": "case $1 in +%s) echo 1000000021;; *) echo now;; esac\n",
    }
    result = with_commands(commands, LOAD_URL="http://x/", LOAD_PODS="2", LOAD_PEER="load-%.load")
    assert result.stdout.splitlines() == [
        "load: starts at now, http://x/",
        *("load-0.load", "slept 1", "load-0.load"),
        *("load-1.load", "slept 1", "load-1.load"),
        "slept 29",
    ]
    result = with_commands({}, LOAD_URL="http://x/", LOAD_PODS="2")
    assert result.returncode != 0
    assert "LOAD_PEER" in result.stderr
