"""The workloads, a module each: ``run`` is the blocking form, ``start`` the evented one.

Both take the workload's parameters in the order in which ``src/workloads/NAME.c`` declares them (there they are checked,
too), and return ``(content_type, body)``. What a module imports at its top is imported when tandem starts, so asyncio,
which takes longer than all the rest together, is imported by those who run it.
"""

JSON = "application/json"
TEXT = "text/plain"
BYTES = "application/octet-stream"
