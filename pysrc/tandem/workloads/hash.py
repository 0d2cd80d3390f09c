"""/hash: SHA-256 of ``kib`` KiB, fed ``rounds`` times into one digest. The bytes 0 … 255 repeat."""

from hashlib import sha256

from tandem.workloads import JSON

_BLOCK = bytes(range(256)) * 256


def run(kib, rounds):
    whole, rest = divmod(kib * 1024, len(_BLOCK))
    rest = _BLOCK[:rest]
    digest = sha256()
    for _ in range(rounds):
        for _ in range(whole):
            digest.update(_BLOCK)
        digest.update(rest)
    return JSON, b'{"sha256":"%s"}' % digest.hexdigest().encode()


async def start(kib, rounds):
    return run(kib, rounds)
