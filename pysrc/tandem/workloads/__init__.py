"""The workloads, a module each: ``run`` is the blocking variant, ``start`` the evented one.

Both take the workload's parameters in the order in which ``src/workloads/NAME.c`` declares and checks them. Both return
``(content_type, body)``. A module is imported at the first request for its workload. The import of asyncio takes longer
than all other imports together, so only the evented variants that use asyncio import it, when they run.
"""

JSON = "application/json"
TEXT = "text/plain"
BYTES = "application/octet-stream"
