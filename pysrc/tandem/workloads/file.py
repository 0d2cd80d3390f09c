"""/file: opens, reads and closes a file for each request."""

import os

from tandem.workloads import BYTES

_FILES = os.environ.get("TANDEM_FILES", "")


def run(size):
    with open(f"{_FILES}/{size}", "rb", buffering=0) as file:
        return BYTES, file.read()


async def start(size):
    """Python has no file reads that an event loop could wait for: like everybody else's, these go to its threads."""
    from asyncio import to_thread

    return await to_thread(run, size)
