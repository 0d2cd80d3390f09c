"""The startup time of the Python interpreter that tandem embeds, by itself."""

import subprocess
import sys
import time

from bench.machine import cores, variables


def interpreter():
    """Returns the interpreter that tandem was built with: the base of the venv in which this runs."""
    return getattr(sys, "_base_executable", sys.executable)


def python_startup(python):
    server_cpus, _ = cores.assign()
    begun = time.perf_counter()
    subprocess.run(
        [python, "-c", "pass"], check=True, env=variables.for_servers(), preexec_fn=cores.pinned(server_cpus)
    )
    return time.perf_counter() - begun
