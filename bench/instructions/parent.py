"""Builds the parent commit, with which this one is compared if the committed figures do not apply."""

import shutil
import subprocess
from pathlib import Path

from bench.instructions import recorded
from bench.machine.programs import git
from bench.servers.server import Failed
from bench.servers.tandem import TOP

DIRECTORY = TOP / "build" / "parent"


def commit():
    """Returns HEAD if tracked files have uncommitted changes, else the commit before it."""
    changed = git("status", "--porcelain", "--untracked-files=no").stdout.strip()
    found = git("rev-parse", "--verify", "--quiet", "HEAD" if changed else "HEAD^")
    if found.returncode != 0:
        raise Failed(
            "there is no parent commit here to compare with: this takes a clone with git, and one commit more than a "
            f"shallow one has (git fetch --deepen 1). git says: {found.stderr.strip() or 'nothing'}"
        )
    return found.stdout.strip()


def build():
    """Builds the parent commit and returns ``(commit, binary)``. Raises Failed if it does not build."""
    wanted = commit()
    prefix = recorded.meson_options()["python_prefix"]
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", wanted], cwd=TOP, capture_output=True, check=True).stdout
    subprocess.run(["tar", "--extract", "--directory", DIRECTORY], input=archive, check=True)
    for command in (
        ["meson", "setup", "--buildtype=release", f"-Dpython_prefix={prefix}", "build/release"],
        ["ninja", "-C", "build/release", "src/tandem"],
    ):
        result = subprocess.run(command, cwd=DIRECTORY, capture_output=True, text=True)
        if result.returncode != 0:
            raise Failed(f"the parent commit {wanted[:12]} does not build:\n{result.stdout}{result.stderr}")
    return wanted, Path(DIRECTORY, "build", "release", "src", "tandem")
