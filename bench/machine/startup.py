"""How long the interpreter that tandem embeds takes to start by itself."""

import subprocess
import sys
import time

from bench.machine import cores


def interpreter():
    """The interpreter of the venv this runs in is the one that tandem was built with; its base, without the venv."""
    return getattr(sys, "_base_executable", sys.executable)


def python_startup(python):
    server_cpus, _ = cores.assign()
    begun = time.perf_counter()
    subprocess.run([python, "-c", "pass"], check=True, preexec_fn=cores.pinned(server_cpus))
    return time.perf_counter() - begun
