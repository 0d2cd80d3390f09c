"""The cores of the server and of the load generator."""

import os
from contextlib import contextmanager
from pathlib import Path

_shared = False


@contextmanager
def shared():
    """Inside ``with`` the server and the load generator both get all usable cores."""
    global _shared
    _shared = True
    try:
        yield
    finally:
        _shared = False


def usable():
    return os.sched_getaffinity(0)


def siblings(cpu):
    """Returns all hyperthreads of this CPU's core, itself included. The kernel lists them as "0,8" or "0-1"."""
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    numbers = set()
    for part in path.read_text().strip().split(",") if path.exists() else ():
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers | {cpu}


def pair(numbers):
    """Chooses ``(server, load)`` from CPU numbers: on two cores if possible, since hyperthreads of one core slow each
    other. Both are the same if there is only one CPU."""
    server, *others = sorted(numbers)
    apart = [cpu for cpu in others if cpu not in siblings(server)]
    return server, (apart or others or [server])[0]


def assign():
    """Returns ``(server, load)``: sets of CPU numbers. They are disjoint if this process may use two or more CPUs,
    except inside shared()."""
    numbers = usable()
    if _shared:
        return set(numbers), set(numbers)
    server, load = pair(numbers)
    return {server}, {load}


def describe():
    server, load = pair(usable())
    if server == load:
        return (
            f"server and load generator share core {server}: only one is usable here, so figures are of both together"
        )
    text = f"server on core {server}, load generator on core {load}"
    return f"{text}: hyperthreads of one core, which slow each other" if load in siblings(server) else text


def pinned(cpus):
    """Returns a function for ``preexec_fn`` that pins the process to these CPUs."""
    return lambda: os.sched_setaffinity(0, cpus)
