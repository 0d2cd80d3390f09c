"""What the end of Python waits for."""

import threading

_MADE_IN_C = threading._DummyThread  # a thread that Python did not start: it is not joined


def threads():
    """Returns ``(native_id, name)`` of each thread that Python joins before it ends: those that are no daemons. The
    calling thread is not one of them."""
    return [
        (thread.native_id or 0, thread.name)
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.current_thread() and not isinstance(thread, _MADE_IN_C)
    ]
