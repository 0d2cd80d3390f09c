"""/echo: the request's body and its Content-Type."""

from tandem.workloads import BYTES


def run(body, content_type):
    return content_type or BYTES, body


async def start(body, content_type):
    return run(body, content_type)
