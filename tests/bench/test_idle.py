"""Connections that are held open. A server that does not keep them causes an error, not an endless wait."""

import resource
import socket
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from bench.load import idle
from bench.servers.server import Failed

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!"


@contextmanager
def server(answers):
    """A server that gives each connection the next answer. None closes the connection instead."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = []

        def serve():
            for answer in answers:
                sock, _ = listener.accept()
                sock.recv(4096)
                if answer is None:
                    sock.close()
                else:
                    sock.sendall(answer)
                    kept.append(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        yield SimpleNamespace(name="made-up", port=listener.getsockname()[1])
        thread.join(10)
        for sock in kept:
            sock.close()


def test_all_are_answered_and_stay_open():
    with server([ANSWER] * 3) as one, idle.hold_idle(one, 3):
        pass


def test_a_connection_that_is_closed():
    with (
        server([ANSWER, None, ANSWER]) as one,
        pytest.raises(Failed, match="closed a connection"),
        idle.hold_idle(one, 3),
    ):
        pass


def test_nobody_listens():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # nobody else listens there, either
        deaf = SimpleNamespace(name="made-up", port=sock.getsockname()[1])
        with pytest.raises(Failed, match="0 of 3 connections could be opened"), idle.hold_idle(deaf, 3):
            pass


def test_descriptors_are_never_fewer_than_before():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    idle.allow_descriptors(3)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
    idle.allow_descriptors(before[0] + 1)
    try:
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(before[0] + 1, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_an_answer_that_is_an_error():
    refused = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    with (
        server([ANSWER, refused]) as one,
        pytest.raises(Failed, match=r"answered a connection that was to be kept idle with b'HTTP/1\.1 503"),
        idle.hold_idle(one, 2),
    ):
        pass
