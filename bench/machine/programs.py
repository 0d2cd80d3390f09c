"""Programs that the driver asks."""

import subprocess
from pathlib import Path

from bench.machine import variables

TOP = Path(__file__).resolve().parent.parent.parent


def first_line(*command):
    """Returns the first line that the program prints, to standard output or else to standard error. The program sees
    the environment that servers see."""
    result = subprocess.run(command, capture_output=True, text=True, env=variables.for_servers())
    return (result.stdout or result.stderr).splitlines()[0]


def git(*arguments):
    """Asks git about this repository. Returns the finished process, whatever its status."""
    return subprocess.run(["git", *arguments], cwd=TOP, capture_output=True, text=True)
