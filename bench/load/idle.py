"""Connections that are held open while something else is measured."""

import resource
import socket
import time
from contextlib import contextmanager

from bench.servers.server import Failed

IDLE_CONNECTIONS = 5000
BATCH = 256


def allow_descriptors(count):
    """Raises the soft limit on open files to ``count``, or to the hard limit if that is lower. Never lowers it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


@contextmanager
def connections(server, count):
    allow_descriptors(count + 256)
    socks = []
    try:
        for _ in range(count):
            try:
                socks.append(socket.create_connection(("127.0.0.1", server.port), 30))
            except OSError as error:
                raise Failed(f"{server.name}: {len(socks)} of {count} connections could be opened: {error}") from error
        yield socks
    finally:
        for sock in socks:
            sock.close()


@contextmanager
def hold_requests(server, path, count):
    """Holds ``count`` requests that the server has begun and does not answer."""
    with connections(server, count) as socks:
        for sock in socks:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        deadline = time.monotonic() + 30
        while server.stats()["http"]["requests_in_flight"] < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{server.name} has not begun {count} requests within 30 s")
            time.sleep(0.05)
        yield


@contextmanager
def hold_idle(server, count):
    """Holds ``count`` connections, each kept alive and idle after one request."""
    with connections(server, count) as socks:
        for first in range(0, count, BATCH):  # in batches: the server's queue may have a limit
            batch = socks[first : first + BATCH]
            for sock in batch:
                sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
            for sock in batch:
                wait_for_answer(server, sock)
        yield


def wait_for_answer(server, sock):
    answer = b""
    while not answer.endswith(b"Hello, World!"):
        if answer and not answer.startswith(b"HTTP/1.1 200 "[: len(answer)]):
            raise Failed(f"{server.name} answered a connection that was to be kept idle with {answer[:80]!r}")
        try:
            piece = sock.recv(4096)
        except OSError as error:
            raise Failed(f"{server.name} did not answer on a connection to be kept idle: {error}") from error
        if not piece:
            raise Failed(f"{server.name} closed a connection that was to be kept idle, after {answer[:80]!r}")
        answer += piece
