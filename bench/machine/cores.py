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


def usable():
    return os.sched_getaffinity(0)


def assign():
    """``(server, load)``: sets of CPU numbers, disjoint where this process may use two or more, but for shared()."""
    numbers = sorted(usable())
    if _shared or len(numbers) == 1:
        return set(numbers), set(numbers)
    return {numbers[0]}, set(numbers[1:2])


def describe():
    server, load = assign()
    if server == load:
        return f"server and load share core {min(server)}: only one is usable here, so figures are of both together"
    return f"server on core {min(server)}, load on core {min(load)}"


def pinned(cpus):
    """For ``preexec_fn``."""
    return lambda: os.sched_setaffinity(0, cpus)
