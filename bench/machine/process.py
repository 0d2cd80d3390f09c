"""CPU time, memory and context switches of a server and its descendants, mostly from /proc."""

import errno
import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
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


GONE = (FileNotFoundError, ProcessLookupError)  # a process or a thread that has ended since it was listed


def children(pid):
    """Yields the process's children. A child of a thread that ends meanwhile belongs to another thread then."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(*GONE):
            yield from map(int, (task / "children").read_text().split())


def family(pid):
    """Returns the process and all its descendants. nginx, for one, works in child processes."""
    pids = [pid]
    for child in children(pid):
        with suppress(*GONE):
            pids += family(child)
    return pids


def of_family(pid, read):
    """Returns ``read(member)`` of the process and of each descendant that has not ended meanwhile."""
    found = [read(pid)]
    for member in family(pid)[1:]:
        with suppress(*GONE):
            found.append(read(member))
    return found


def cpu_clock(pid):
    """Returns the CPU-time clock of a process, as clock_getcpuclockid(3) does: (~pid << 3) | CPUCLOCK_SCHED."""
    return (~pid << 3) | 2


def cpu_ns(pid):
    try:
        return time.clock_gettime_ns(cpu_clock(pid))
    except OSError as error:
        if error.errno == errno.EINVAL:  # which clock_gettime(2) has for a process that has ended
            raise ProcessLookupError(pid) from error
        raise


def cpu_seconds(pid):
    """Returns the CPU time so far of the process and its descendants, to the scheduler's nanosecond. It includes
    threads that have ended."""
    return sum(of_family(pid, cpu_ns)) / 1e9


def switches(pid):
    counts = [0, 0]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(*GONE):
            lines = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
            counts[0] += int(lines["voluntary_ctxt_switches"])
            counts[1] += int(lines["nonvoluntary_ctxt_switches"])
    return counts


def context_switches(pid):
    """Returns ``(voluntary, involuntary)`` of all existing threads, including those of descendants."""
    return tuple(map(sum, zip(*of_family(pid, switches), strict=True)))


def peak_bytes(pid):
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024 if "VmHWM" in lines else 0  # a zombie has none


def peak_resident_bytes(pid):
    """Returns the sum of each process's own peak. That is no less than the peak of all of them together."""
    return sum(of_family(pid, peak_bytes))


def resident_bytes(pid):
    pages = sum(of_family(pid, lambda member: int(Path(f"/proc/{member}/statm").read_text().split()[1])))
    return pages * os.sysconf("SC_PAGESIZE")
