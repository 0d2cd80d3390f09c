"""The answers that the apps of all frameworks share."""

import hashlib

DOWNLOAD = bytes(range(256)) * 4000
PIECES = [f"piece {number}\n" for number in range(5)]


def of_query(name, tags):
    return {"name": name, "tags": list(tags)}


def of_upload(name, content):
    return {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def next_visit(cookie):
    return str(int(cookie or 0) + 1)


class Digest:
    """The length and SHA-256 of a body that arrives in pieces."""

    def __init__(self):
        self.bytes, self.sha256 = 0, hashlib.sha256()

    def update(self, piece):
        self.bytes += len(piece)
        self.sha256.update(piece)

    def answer(self):
        return {"bytes": self.bytes, "sha256": self.sha256.hexdigest()}
