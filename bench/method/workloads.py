"""The workloads, with parameters that make each worth measuring, and with the one right answer.

This module computes the answers by itself, where possible by another method than the servers use. That reveals even a
mistake that all servers share.
"""

import hashlib
import json
from dataclasses import dataclass

POSTED = b"0123456789abcdef" * 64  # as in load/wrk_scripts/post.lua
LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"


@dataclass(frozen=True)
class Workload:
    name: str
    path: str
    answer: bytes
    about: str
    body: bytes | None = None  # POST it; otherwise GET

    @property
    def served_as(self):
        """The server's name for the workload. Workloads that differ only in their parameters share one name."""
        return self.path.partition("?")[0].removeprefix("/")

    @property
    def method(self):
        return "GET" if self.body is None else "POST"

    def ask(self, server):
        """Sends one request and returns ``(status, body)``."""
        headers = {"Content-Type": "text/plain"} if self.body is not None else {}
        return server.request(self.method, self.path, self.body, headers)

    def document(self):
        """Returns the workload's entry in results.json."""
        return {"method": self.method, "path": self.path, "answer_bytes": len(self.answer), "about": self.about}


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def primes_up_to(n):
    """Counts the primes up to n by a sieve; the servers use trial division."""
    sieve = bytearray([1]) * (n + 1)
    sieve[:2] = b"\0\0"
    for i in range(2, int(n**0.5) + 1):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, n + 1, i)))
    return sum(sieve)


def digest(kib):
    return hashlib.sha256(bytes(range(256)) * 4 * kib).hexdigest()


def trace(n):
    """Returns the trace of the product of the peers' two matrices. It sums the diagonal without forming the product."""
    return sum((i * j % 7) * ((j + i) % 5) for i in range(n) for j in range(n))


def workloads():
    yield Workload("plaintext", "/plaintext", b"Hello, World!", "a literal: what a request costs by itself")
    yield Workload(
        "json", "/json", compact({"message": "Hello, World!"}), "a small object, serialised for each request"
    )
    yield Workload("echo", "/echo", POSTED, "1 KiB that was posted, given back", POSTED)
    yield Workload("sleep", "/sleep?ms=10", compact({"slept_ms": 10}), "10 ms of waiting without using the CPU: I/O")
    n = 1000
    yield Workload("primes", f"/primes?n={n}", compact({"n": n, "primes": primes_up_to(n)}), "a plain loop: computing")
    n = 10000
    yield Workload(
        "primes-long", f"/primes?n={n}", compact({"n": n, "primes": primes_up_to(n)}), "a plain loop, longer"
    )
    yield Workload(
        "hash", "/hash?kib=64", compact({"sha256": digest(64)}), "SHA-256 of 64 KiB by OpenSSL: computing in C"
    )
    yield Workload("file", "/file?size=4k", LINE * 64, "4 KiB, read from disk for each request")
    n = 256
    yield Workload(
        "matmul",
        f"/matmul?n={n}",
        compact({"n": n, "trace": trace(n)}),
        f"the product of two {n} × {n} matrices, by whatever the language has for it; peers only",
    )


ALL = {workload.name: workload for workload in workloads()}
