"""A busy loop: clients that sent in time are served, and answers that are due together come once."""

import itertools
import os
import resource
import signal

import pytest

from support import SANITIZED, Background, is_closed, read_response, read_to_end, wait_until

GET = b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def occupy(server, n=2_500_000):
    """Sends a request that keeps the only loop busy for some tenths of a second.

    Returns the request's socket and the number of earlier requests. The request may not have begun yet.
    """
    before = server.stats()["http"]["requests_total"]
    busy = server.connect()
    busy.sendall(b"GET /primes?n=%d HTTP/1.1\r\nHost: x\r\n\r\n" % n)
    return busy, before


def test_a_timer_and_a_deadline_that_are_due_together(serve):
    """When the loop is free again, both the sleep and its time limit have passed. The request is answered once."""
    server = serve("--mode", "uv-loop", "--request-timeout", "100ms")
    with server.connect() as sleeper:
        sleeper.sendall(b"GET /sleep?ms=80 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.model("uv-loop")["in_flight"] == 1)
        busy, _ = occupy(server)
        assert read_response(sleeper)[0] in (200, 504)
        assert read_response(busy)[0] in (200, 504)
        busy.close()
    assert server.get("/plaintext")[0] == 200
    assert server.model("uv-loop")["in_flight"] == 0


def test_who_sent_in_time_is_served(serve):
    server = serve("--mode", "uv-loop", "--header-timeout", "200ms", "--keep-alive", "200ms")
    with server.connect() as kept, server.connect() as fresh:
        kept.sendall(GET)
        assert read_response(kept)[0] == 200
        busy, _ = occupy(server)
        kept.sendall(CLOSING)
        fresh.sendall(CLOSING)
        assert read_response(kept)[0] == 200
        assert read_response(fresh)[0] == 200
        assert read_response(busy)[0] == 200
        busy.close()
    assert server.rejected("header_timeout") == 0


def test_blank_lines_after_a_request_are_no_request(serve):
    server = serve("--mode", "uv-loop", "--header-timeout", "50ms", "--keep-alive", "300ms")
    with server.connect() as sock:
        sock.sendall(GET + b"\r\n")
        assert read_response(sock)[0] == 200
        assert is_closed(sock)
    assert server.rejected("header_timeout") == 0


@pytest.mark.parametrize("model", ["uv-loop", "uv-pool", "py-threads", "py-asyncio"])
def test_many_pipelined_requests_on_many_connections(serve, model):
    server = serve("--mode", model, "--queue-limit", "1000000")
    count = 40

    def client():
        with server.connect(60) as sock:
            sock.sendall(GET * count)
            rest = b""
            for _ in range(count):
                status, _, body, rest = read_response(sock, rest)
                assert (status, body) == (200, b"Hello, World!")

    clients = [Background(client) for _ in range(60)]
    for one in clients:
        one.result()
    assert server.model(model)["requests_total"] == 60 * count


def test_pipelined_heads_are_not_hoarded(serve):
    """libmicrohttpd gets short, condensed heads. Whole heads are kept for the handlers, but only a limited number."""
    if SANITIZED:
        pytest.skip("a sanitizer's allocator keeps what was freed")
    server = serve("--mode", "uv-loop")
    before = server.stats()["process"]["resident_memory_bytes"]
    large = GET[:-2] + b"X: " + b"y" * 16000 + b"\r\n\r\n"
    socks = [server.connect() for _ in range(30)]
    busy, _ = occupy(server)
    senders = [Background(sock.sendall, large * 150 + CLOSING) for sock in socks]
    assert read_response(busy)[0] == 200
    answers = [Background(read_to_end, sock) for sock in socks]
    for answer in answers:
        assert answer.result().count(b"HTTP/1.1 200 ") == 151
    for sender in senders:
        sender.result()
    for sock in (*socks, busy):
        sock.close()
    assert server.stats()["process"]["resident_memory_bytes"] - before < 30 * (1 << 20)


def test_a_drain_does_not_destroy_what_was_sent(serve):
    """A slow reader has sent more requests than are answered. A plain close would reset the answers under way."""
    server = serve("--mode", "uv-loop")
    with server.connect() as sock:
        sock.sendall(b"GET /file?size=1m HTTP/1.1\r\nHost: x\r\n\r\n" * 4 + GET * 10)
        looks = itertools.count()  # each look at /stats is a response too, which the next look counts
        wait_until(lambda: server.stats()["http"]["responses"]["2xx"] - next(looks) >= 2)
        server.signal(signal.SIGTERM)
        server.wait_for_log("1 connection open")
        data = read_to_end(sock)
        assert data.count(b"HTTP/1.1 200 ") >= 2
        head, _, body = data.rpartition(b"\r\n\r\n")
        assert b"Connection: close" in head.rpartition(b"HTTP/1.1 200 ")[2]
        assert len(body) in (1 << 20, len(b"Hello, World!"))
    server.stop()


def test_files_do_not_use_up_the_descriptors(serve):
    """Hundreds of files are read at once, with few more descriptors than --max-connections needs."""
    if SANITIZED:
        pytest.skip("a sanitizer has descriptors of its own")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (870, hard))
    try:
        server = serve("--mode", "uv-loop", "--max-connections", "600")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(os.listdir(f"/proc/{server.pid}/fd")) < 100
    socks = [server.connect() for _ in range(580)]
    for sock in socks:
        sock.sendall(b"GET /file?size=4k HTTP/1.1\r\nHost: x\r\n\r\n")
    for sock in socks:
        assert read_response(sock)[0] == 200
        sock.close()
