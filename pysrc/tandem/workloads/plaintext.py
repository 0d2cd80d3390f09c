"""/plaintext: "Hello, World!", as TechEmpower's plaintext test requires."""

from tandem.workloads import TEXT


def run():
    return TEXT, b"Hello, World!"


async def start():
    return run()
