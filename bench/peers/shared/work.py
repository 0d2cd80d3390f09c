"""The work of the peers in Python: tandem's workloads, with the same answers, limits and defaults.

Each function returns a value. The peer serialises it for each request, by the means of its framework.
"""

from hashlib import sha256
from json import JSONEncoder
from typing import NamedTuple

TEXT = "Hello, World!"

_BLOCK = bytes(range(256)) * 256

encode = JSONEncoder(separators=(",", ":")).encode


class Parameter(NamedTuple):
    name: str
    low: int
    high: int
    fallback: int


MS = Parameter("ms", 0, 60000, 10)
N = Parameter("n", 1, 5000000, 10000)
KIB = Parameter("kib", 1, 16384, 64)
ROUNDS = Parameter("rounds", 1, 1000, 1)
SIZE = Parameter("n", 1, 2048, 256)


class BadParameter(ValueError):
    """A parameter is not valid. The text is for the client."""


def number(query, parameter):
    """Returns the parameter's value in a query that is parsed to lists, ``{"n": ["1000"]}``; its default if absent.
    Raises BadParameter."""
    values = query.get(parameter.name)
    if values is None:
        return parameter.fallback
    text = values[0]
    if len(values) == 1 and len(text) <= 18 and text.isascii() and text.isdigit():
        value = int(text)
        if parameter.low <= value <= parameter.high:
            return value
    raise BadParameter(f"{parameter.name}: it is a whole number from {parameter.low} to {parameter.high}")


def message():
    return {"message": TEXT}


def slept(ms):
    return {"slept_ms": ms}


def primes(n):
    count = 0
    for candidate in range(2, n + 1):
        divisor = 2
        while divisor * divisor <= candidate and candidate % divisor != 0:
            divisor += 1
        if divisor * divisor > candidate:
            count += 1
    return {"n": n, "primes": count}


def hashed(kib, rounds):
    whole, rest = divmod(kib * 1024, len(_BLOCK))
    rest = _BLOCK[:rest]
    digest = sha256()
    for _ in range(rounds):
        for _ in range(whole):
            digest.update(_BLOCK)
        digest.update(rest)
    return {"sha256": digest.hexdigest()}
