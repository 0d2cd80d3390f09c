"""Which core the server gets, and which the load."""

import os
from contextlib import contextmanager
from pathlib import Path

_shared = False


@contextmanager
def shared():
    """Inside ``with`` the server and the load both get all usable cores."""
    global _shared
    _shared = True
    try:
        yield
    finally:
        _shared = False


def usable():
    return os.sched_getaffinity(0)


def siblings(cpu):
    """The hyperthreads of the core that this CPU is one of, as the kernel lists them: "0,8" or "0-1"."""
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    numbers = set()
    for part in path.read_text().strip().split(",") if path.exists() else ():
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers | {cpu}


def pair(numbers):
    """``(server, load)`` out of CPU numbers: on two cores, where there are two. Hyperthreads slow each other."""
    server, *others = sorted(numbers)
    apart = [cpu for cpu in others if cpu not in siblings(server)]
    return server, (apart or others or [server])[0]


def assign():
    """``(server, load)``: sets of CPU numbers, disjoint where this process may use two or more, but for shared()."""
    numbers = usable()
    if _shared:
        return set(numbers), set(numbers)
    server, load = pair(numbers)
    return {server}, {load}


def describe():
    server, load = pair(usable())
    if server == load:
        return f"server and load share core {server}: only one is usable here, so figures are of both together"
    text = f"server on core {server}, load on core {load}"
    return f"{text}: hyperthreads of one core, which slow each other" if load in siblings(server) else text


def pinned(cpus):
    """For ``preexec_fn``."""
    return lambda: os.sched_setaffinity(0, cpus)
