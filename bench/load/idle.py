"""Connections that are held open while something else is measured."""

import resource
import socket
import time
from contextlib import contextmanager

IDLE_CONNECTIONS = 5000


def allow_descriptors(count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


@contextmanager
def connections(server, count):
    allow_descriptors(count + 256)
    socks = []
    try:
        for _ in range(count):
            socks.append(socket.create_connection(("127.0.0.1", server.port), 30))
        yield socks
    finally:
        for sock in socks:
            sock.close()


@contextmanager
def hold_requests(server, path, count):
    """That many requests that the server has begun and does not answer."""
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
    """That many connections kept alive behind one request each."""
    with connections(server, count) as socks:
        for sock in socks:
            sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
        for sock in socks:
            answer = b""
            while not answer.endswith(b"Hello, World!"):
                answer += sock.recv(4096)
        yield
