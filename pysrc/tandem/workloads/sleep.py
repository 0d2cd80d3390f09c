"""/sleep: waits without using the CPU."""

import time

from tandem.workloads import JSON


def _answer(ms):
    return JSON, b'{"slept_ms":%d}' % ms


def run(ms):
    time.sleep(ms / 1000)
    return _answer(ms)


async def start(ms):
    from asyncio import sleep

    await sleep(ms / 1000)
    return _answer(ms)
