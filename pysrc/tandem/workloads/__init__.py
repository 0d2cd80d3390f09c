"""The workloads, a module each: ``run`` is the blocking form, ``start`` the evented one.

Both take the workload's parameters in the order in which ``src/workloads/NAME.c`` declares them (there they are
checked, too), and return ``(content_type, body)``. A module is imported when its workload is first asked for. asyncio
takes longer to import than all the rest together, so the evented forms import it, and the blocking ones do without.
"""

JSON = "application/json"
TEXT = "text/plain"
BYTES = "application/octet-stream"
