"""What CPython 3.12 asks for around subinterpreters with a GIL of their own (PEP 684).

``rehearse`` is called in the main interpreter before the first of them is made, ``enter`` in each when it has been made.
docs/models/py-subinterp.md says what goes wrong otherwise.
"""

import sys

#: C modules that more than one interpreter of 3.12 cannot have: what imports them falls back to Python.
BLOCKED = ("_datetime", "_decimal", "_zoneinfo") if sys.version_info < (3, 13) else ()


def rehearse():
    """Uses once what subinterpreters are going to use beside the workloads: showing a traceback."""
    import traceback

    try:
        raise ValueError
    except ValueError as error:
        traceback.format_exception(error)


def enter():
    for name in BLOCKED:
        sys.modules[name] = None
