"""/json: an object that is created and serialised for each request."""

from json import JSONEncoder

from tandem.workloads import JSON

_encode = JSONEncoder(separators=(",", ":")).encode


def run():
    return JSON, _encode({"message": "Hello, World!"}).encode()


async def start():
    return run()
