"""/plaintext: "Hello, World!", by TechEmpower's rule for that test."""

from tandem.workloads import TEXT


def run():
    return TEXT, b"Hello, World!"


async def start():
    return run()
