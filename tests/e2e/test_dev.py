"""./dev and meson on machines that lack something. The message names what is missing, and what to do about it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="nothing of it is in C")

TOP = Path(__file__).resolve().parents[2]
BASIC = ("bash", "env", "dirname", "cut", "sha256sum", "id", "sed", "basename", "mkdir", "cat", "grep", "tr")


@pytest.fixture
def bare(tmp_path):
    """``bare(*programs)`` returns an environment whose PATH has these programs and those of every system."""

    def make(*programs):
        directory = tmp_path / "bin"
        directory.mkdir()
        for program in (*BASIC, *programs):
            (directory / program).symlink_to(shutil.which(program))
        return {"PATH": str(directory), "HOME": str(tmp_path)}

    return make


@pytest.mark.parametrize(
    ("command", "has", "missing"),
    [
        (("run", "--version"), (), "gcc meson ninja pkg-config"),
        (("run", "--version"), ("gcc", "ninja"), "meson pkg-config"),
        (("lint",), (), "clang-format clang-tidy cppcheck shellcheck"),
        (("bench",), ("gcc", "ninja", "meson", "pkg-config"), "wrk"),
        (("bench", "instructions"), ("gcc",), "valgrind readelf"),
        (("test",), (), "curl wrk chromium g++ valgrind readelf"),
    ],
)
def test_without_apt_get_what_is_missing_is_named(bare, command, has, missing):
    result = subprocess.run([TOP / "dev", *command], env=bare(*has), capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr.startswith(f"dev: missing here: {missing}. There is no apt-get to install them with")
    assert "command not found" not in result.stderr


@pytest.fixture
def toolchain(bare, tmp_path):
    """Copies ./dev beside a toolchain that makes a tandem without compiling. Returns its environment."""
    environment = bare("rm", "chmod")
    programs = {
        "gcc": "exit 1",
        "pkg-config": '[ "$1" = --exists ] || echo /python',
        "meson": 'mkdir -p "$2/src"; echo "echo served" >"$2/src/tandem"; chmod +x "$2/src/tandem"',
        "ninja": '[ -d "$2" ] && echo "$*" >>asked_of_ninja',
    }
    for name, script in programs.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)
    (tmp_path / "meson.build").touch()
    shutil.copy(TOP / "dev", tmp_path)
    return environment


def test_a_peer_that_the_build_makes_is_built(toolchain, tmp_path):
    for name, command in (("made", "{built}/made"), ("installed", "installed")):
        folder = tmp_path / "bench" / "peers" / name
        folder.mkdir(parents=True)
        (folder / "peer.toml").write_text(f'command = ["{command}"]\n')
    built = []
    for name in ("installed", "made"):
        subprocess.run([tmp_path / "dev", "peers", name], env=toolchain, check=True, timeout=60)
        asked = tmp_path / "asked_of_ninja"
        built.append(asked.read_text() if asked.exists() else None)
    assert built == [None, "-C build/release src/tandem bench_programs\n"]


def test_a_build_directory_that_is_gone_is_made_again(toolchain, tmp_path):
    said = []
    for gone in (False, False, True):
        if gone:
            shutil.rmtree(tmp_path / "build" / "release")
        result = subprocess.run([tmp_path / "dev", "run"], env=toolchain, capture_output=True, text=True, timeout=60)
        assert (result.returncode, result.stdout) == (0, "served\n"), result.stderr
        said.append("configuring" in result.stderr)
    assert said == [True, False, True]


def test_meson_says_how_a_cpython_is_named(tmp_path):
    """pkg-config knows no CPython here."""
    (tmp_path / "pkgconfig").mkdir()
    environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(tmp_path / "pkgconfig"), "PKG_CONFIG_PATH": ""}
    result = subprocess.run(
        ["meson", "setup", tmp_path / "build", TOP], env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode != 0
    assert (
        "ERROR: Problem encountered: CPython ≥ 3.12 is needed, and pkg-config knows none. "
        "Name the prefix of one that has a shared library, such as pyenv's: -Dpython_prefix=DIR" in result.stdout
    )


def test_what_is_installed_is_all_that_is_built(tmp_path):
    command = ["meson", "introspect", "--buildoptions", os.environ["TANDEM_BUILD"]]
    options = subprocess.run(command, capture_output=True, text=True, check=True)
    (prefix,) = (option["value"] for option in json.loads(options.stdout) if option["name"] == "python_prefix")
    build = tmp_path / "build"
    subprocess.run(["meson", "setup", f"-Dpython_prefix={prefix}", build, TOP], check=True, capture_output=True)
    plan = subprocess.run(["ninja", "-C", build, "-n", "-v"], check=True, capture_output=True, text=True).stdout
    outputs = re.findall(r" -o (\S+)", plan)
    assert "src/tandem" in outputs
    assert [output for output in outputs if not output.startswith("src/")] == []


def test_bench_takes_paths_from_where_the_user_stands(tmp_path):
    (tmp_path / "mine.toml").write_text('[[grid]]\nservers = ["nobody"]\nworkloads = ["json"]\n')
    result = subprocess.run(
        [TOP / "dev", "bench", "mine.toml"], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 1
    assert "mine.toml: no server 'nobody'; there are: uv-loop," in result.stdout


def test_the_help_of_bench_needs_no_packages():
    """A fresh clone has no build/venv, which takes minutes to make."""
    command = [sys.executable, "-S", "-m", "bench", "--help"]
    result = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: ./dev bench [EXPERIMENT]")


def test_changed_since_what_is_no_commit():
    command = [sys.executable, TOP / "tests" / "changed.py", "=nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr == (
        "dev: cannot tell what has changed: 'nonsense' is no commit of this clone; give one: --changed=HEAD~3\n"
    )
