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


def resident_bytes(pid):
    pages = sum(int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid))
    return pages * os.sysconf("SC_PAGESIZE")
