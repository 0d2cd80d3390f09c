"""Programs that the driver asks about themselves."""

import subprocess

from bench.machine import variables


def first_line(*command):
    """Returns the first line that the program prints, to standard output or else to standard error. The program sees
    the environment that servers see."""
    result = subprocess.run(command, capture_output=True, text=True, env=variables.for_servers())
    return (result.stdout or result.stderr).splitlines()[0]
