"""What /proc says of a server and its children."""

import os
from pathlib import Path


def family(pid):
    """The process and its children: nginx works in those."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            pids += family(int(child))
    return pids


def cpu_seconds(pid):
    """CPU time of all its threads and children so far, to the nanosecond that the scheduler keeps."""
    nanoseconds = 0
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def context_switches(pid):
    """``(voluntary, involuntary)`` of all threads that there are, children's too."""
    counts = [0, 0]
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            lines = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
            counts[0] += int(lines["voluntary_ctxt_switches"])
            counts[1] += int(lines["nonvoluntary_ctxt_switches"])
    return tuple(counts)


def peak_resident_bytes(pid):
    """The sum of each process's own peak: no less than what all had at one time."""
    total = 0
    for member in family(pid):
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{member}/status").read_text().splitlines())
        total += int(lines["VmHWM"].split()[0]) * 1024
    return total


def resident_bytes(pid):
    pages = sum(int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid))
    return pages * os.sysconf("SC_PAGESIZE")
