"""/file: opens, reads and closes a file for each request."""

import os

from tandem.workloads import BYTES

_FILES = os.environ.get("TANDEM_FILES", "")


def run(size):
    with open(f"{_FILES}/{size}", "rb", buffering=0) as file:
        return BYTES, file.read()


async def start(size):
    """Reads the file in a thread, as is usual: asyncio has no file reads that an event loop could wait for."""
    from asyncio import to_thread

    return await to_thread(run, size)
