"""The environment of a measurement: the machine, and the versions of the software."""

import os
import platform
import re
import shlex
import sysconfig
from datetime import UTC, datetime

from bench.machine import cores
from bench.machine.programs import first_line
from bench.servers import tandem


def cpu_name():
    with open("/proc/cpuinfo") as file:
        match = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.M)
    return match[1] if match else platform.machine()


def python_build():
    """Returns the version of the CPython that tandem embeds, and which optimisations its build used: a text.

    The interpreter that runs this is of the same build. Profile-guided optimisation (PGO) makes Python faster and not
    C, which shifts every ratio between a server that runs Python and one that does not.
    """
    options = shlex.split(sysconfig.get_config_var("CONFIG_ARGS") or "")
    used = {
        "PGO": "--enable-optimizations" in options,
        "LTO": any(option.startswith("--with-lto") and option != "--with-lto=no" for option in options),
    }
    return f"CPython {platform.python_version()} built " + ", ".join(
        f"{'with' if is_used else 'without'} {name}" for name, is_used in used.items()
    )


def describe(flags):
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "tandem": tandem.version(),
        "python": python_build(),
        "wrk": first_line("wrk", "-v"),
        "kernel": f"{platform.system()} {platform.release()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "placement": cores.describe(),
        "flags": flags,
    }
