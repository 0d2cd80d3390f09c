"""The environment of a measurement: the machine, and the versions of the software."""

import os
import platform
import re
from datetime import UTC, datetime

from bench.machine import cores
from bench.machine.programs import first_line
from bench.servers import tandem


def cpu_name():
    with open("/proc/cpuinfo") as file:
        match = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.M)
    return match[1] if match else platform.machine()


def describe(flags):
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "tandem": tandem.version(),
        "wrk": first_line("wrk", "-v"),
        "kernel": f"{platform.system()} {platform.release()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "placement": cores.describe(),
        "flags": flags,
    }
