"""CPU time, memory and context switches of a server and its descendants, mostly from /proc."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def signals_held():
    """Defers SIGINT and SIGTERM to the end of the ``with`` block.

    A signal mask would not suffice: NumPy's threads also receive signals, and Python then runs the handler in the main
    thread. Outside the main thread this does nothing, since Python runs no handlers there.
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
    """Returns the process and all its descendants. nginx, for one, works in child processes."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended meanwhile: its children belong to another one now
        for child in children.split():
            pids += family(int(child))
    return pids


def cpu_clock(pid):
    """Returns the CPU-time clock of a process, as clock_getcpuclockid(3) does: (~pid << 3) | CPUCLOCK_SCHED."""
    return (~pid << 3) | 2


def cpu_seconds(pid):
    """Returns the CPU time so far of the process and its descendants, to the scheduler's nanosecond. It includes
    threads that have ended."""
    return sum(time.clock_gettime_ns(cpu_clock(member)) for member in family(pid)) / 1e9


def context_switches(pid):
    """Returns ``(voluntary, involuntary)`` of all existing threads, including those of descendants."""
    counts = [0, 0]
    for member in family(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            try:
                text = (task / "status").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # the thread has ended meanwhile
            lines = dict(line.split(":", 1) for line in text.splitlines())
            counts[0] += int(lines["voluntary_ctxt_switches"])
            counts[1] += int(lines["nonvoluntary_ctxt_switches"])
    return tuple(counts)


def peak_resident_bytes(pid):
    """Returns the sum of each process's own peak. That is no less than the peak of all of them together."""
    total = 0
    for member in family(pid):
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{member}/status").read_text().splitlines())
        total += int(lines["VmHWM"].split()[0]) * 1024
    return total


def resident_bytes(pid):
    pages = sum(int(Path(f"/proc/{member}/statm").read_text().split()[1]) for member in family(pid))
    return pages * os.sysconf("SC_PAGESIZE")
