"""Which core the server gets, and which the load."""

import os
from contextlib import contextmanager

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


def assign():
    """``(server, load)``: sets of CPU numbers, disjoint where this process may use two or more, but for shared()."""
    usable = sorted(os.sched_getaffinity(0))
    if _shared or len(usable) == 1:
        return set(usable), set(usable)
    return {usable[0]}, set(usable[1:2])


def describe():
    server, load = assign()
    if server == load:
        return f"server and load share core {min(server)}: only one is usable here, so figures are of both together"
    return f"server on core {min(server)}, load on core {min(load)}"


def pinned(cpus):
    """For ``preexec_fn``."""
    return lambda: os.sched_setaffinity(0, cpus)
