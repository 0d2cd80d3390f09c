"""The committed figures: ``figures.json``, with their environment: compiler, CPython, libraries, processor and so on.

An instruction count repeats only if the same instructions run. The figures therefore hold for one environment only. In
any other the parent commit is measured instead (parent.py).
"""

import json
import os
import re
import subprocess
from pathlib import Path

from bench.instructions.counting import median, spread
from bench.machine.programs import first_line
from bench.machine.startup import interpreter
from bench.servers.tandem import TANDEM, TOP

PATH = Path(__file__).resolve().parent / "figures.json"
BUILD_OPTIONS = {"buildtype", "optimization", "b_lto", "c_args", "stats"}
PROCESSOR_FEATURES = {"avx2", "bmi2", "erms", "fsrm"}  # those that valgrind has and by which the C library selects code


def compiler(binary):
    """Returns the compiler's name and version, as recorded in the binary."""
    listing = subprocess.run(["readelf", "-p", ".comment", binary], capture_output=True, text=True, check=True).stdout
    return ", ".join(sorted(set(re.findall(r"\]\s+(.+)", listing))))


def processor():
    with open("/proc/cpuinfo") as file:
        text = file.read()
    vendor = re.search(r"^vendor_id\s*:\s*(.+)$", text, re.M)
    flags = re.search(r"^flags\s*:\s*(.+)$", text, re.M)
    features = PROCESSOR_FEATURES & set(flags[1].split() if flags else ())
    return " ".join([vendor[1] if vendor else os.uname().machine, *sorted(features)])


def meson_options(build=TOP / "build" / "release"):
    """Returns ``{name: value}`` of all options of a build directory."""
    command = ["meson", "introspect", "--buildoptions", build]
    options = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {option["name"]: option["value"] for option in options}


def environment(binary=TANDEM):
    return {
        "compiler": compiler(binary),
        "build": {name: value for name, value in meson_options().items() if name in BUILD_OPTIONS},
        "tandem": first_line(binary, "--version").partition(" (")[2].removesuffix(")"),  # the versions of the libraries
        "python": first_line(interpreter(), "-c", "import sys; print(sys.version.replace('\\n', ' '))"),
        "libc": os.confstr("CS_GNU_LIBC_VERSION"),
        "valgrind": first_line("valgrind", "--version"),
        "processor": processor(),
    }


def differences(ours, theirs):
    """Returns the differences between two environments, in words; empty if there are none."""
    return [
        f"{name}: {ours.get(name)}, recorded with {theirs.get(name)}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]


def read(path=PATH):
    return json.loads(path.read_text())


def write(counts, where, path=PATH):
    """Writes the figures of ``counts``, ``{cell name: [count, …]}``, for the environment ``where``."""
    document = {
        "environment": where,
        "cells": {
            name: {"instructions": round(median(of_cell)), "spread": round(spread(of_cell), 4), "runs": len(of_cell)}
            for name, of_cell in counts.items()
        },
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
