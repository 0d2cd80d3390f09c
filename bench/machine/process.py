"""What /proc says of a server and its children."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def signals_held():
    """SIGINT and SIGTERM that come meanwhile are taken at the end.

    A mask would not do: NumPy's threads get signals, too, and Python then runs the handler in the main thread. In
    other threads nothing is to be done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def family(pid):
    """The process and its children: nginx works in those."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread that has ended meanwhile: its children are another's now
        for child in children.split():
            pids += family(int(child))
    return pids


def cpu_clock(pid):
    """The clock of the CPU time of a process, as clock_getcpuclockid(3) makes it: (~pid << 3) | CPUCLOCK_SCHED."""
    return (~pid << 3) | 2


def cpu_seconds(pid):
    """CPU time of it and its children so far, to the nanosecond that the scheduler keeps; of threads that have ended,
    too."""
    return sum(time.clock_gettime_ns(cpu_clock(member)) for member in family(pid)) / 1e9


def context_switches(pid):
    """``(voluntary, involuntary)`` of all threads that there are, children's too."""
    counts = [0, 0]
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            try:
                text = (task / "status").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended meanwhile
            lines = dict(line.split(":", 1) for line in text.splitlines())
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
