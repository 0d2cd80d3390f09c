"""/stats/stream: the document of /stats as server-sent events, once a second, for any number of clients.

Most tests set the period to 200 ms.
"""

import itertools
import json
import signal
import socket
import time

import pytest

from support import Background, is_closed, read_response, reset, wait_until

OFTEN = ("--stats-stream-period", "200ms")
REQUEST = b"GET /stats/stream HTTP/1.1\r\nHost: x\r\n\r\n"


def read_head(sock):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        assert byte, head
        head += byte
    return head


def chunks(sock):
    """Yields the chunks of a body up to its end."""
    data, length = b"", 1
    while length:
        while b"\r\n" not in data or len(data) < (end := data.index(b"\r\n") + int(data.split(b"\r\n")[0], 16) + 4):
            piece = sock.recv(65536)
            assert piece, "closed in the middle"
            data += piece
        length, start = int(data.split(b"\r\n")[0], 16), data.index(b"\r\n") + 2
        assert data[start + length : end] == b"\r\n"
        yield data[start : start + length]
        data = data[end:]
    assert data == b""


def events(sock):
    """Yields the document of each event. The head must have been read."""
    data = b""
    for chunk in chunks(sock):
        data += chunk
        while b"\n\n" in data:
            event, _, data = data.partition(b"\n\n")
            assert event.startswith(b"data: ") and b"\n" not in event
            yield json.loads(event[6:])
    assert data == b""


def open_stream(server):
    sock = server.connect()
    sock.sendall(REQUEST)
    head = read_head(sock)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nContent-Type: text/event-stream\r\n" in head
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    assert b"\r\nServer: tandem\r\n" in head
    return sock


@pytest.mark.parametrize("where", ["main", "admin"])
def test_a_document_every_period(serve, where):
    server = serve("--mode", "uv-loop", "--admin", "0", "--loops", "2", *OFTEN)

    def ask(count):
        """Sends request number ``count``, and waits until the loop that answered has recorded it."""
        server.get("/json")
        wait_until(lambda: server.model("uv-loop")["requests_total"] == count)

    ask(1)
    source = server if where == "main" else server.admin()
    asked, seen = 1, []
    begun = time.monotonic()
    with open_stream(source) as sock:
        for document in events(sock):
            assert set(document) == set(server.stats())
            seen.append(document["models"]["uv-loop"]["requests_total"])
            # On a busy machine a period may end before the latest request is recorded: then the next document has it.
            assert seen[-1] in (seen[-2:-1] or [1]) + [asked]
            if len(set(seen)) == 4:
                break
            if seen[-1] == asked:
                asked += 1
                ask(asked)
    assert sorted(set(seen)) == [1, 2, 3, 4]
    assert seen == sorted(seen)
    took = time.monotonic() - begun
    assert (len(seen) - 1) * 0.2 - 0.05 < took < (len(seen) - 1) * 0.2 + 10  # the machine may be busy


def test_a_client_that_sends_a_body_nobody_waits_for(serve):
    """The stream begins before the body that the client announces, and sends all the same, while the loop is busy."""
    server = serve("--mode", "uv-loop")
    body = b"b" * 900_000
    head = b"GET /stats/stream HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    for _ in range(4):
        with server.connect() as busy, server.connect() as sock:
            busy.sendall(b"GET /uv-loop/primes?n=1000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
            sock.sendall(head + body)
            assert read_head(sock).startswith(b"HTTP/1.1 200 ")
            read_response(busy)
    server.get("/json")  # the server still answers, and ends cleanly after the test


@pytest.mark.parametrize("where", ["main", "admin"])
def test_the_first_document_waits_for_no_timer(serve, where):
    server = serve("--mode", "uv-loop", "--admin", "0", "--stats-stream-period", "60m")
    with open_stream(server if where == "main" else server.admin()) as sock:
        assert next(events(sock))["tandem"]["mode"] == "uv-loop"


def test_http_1_0(serve):
    server = serve("--mode", "uv-loop", *OFTEN)
    with server.connect() as sock:
        sock.sendall(b"GET /stats/stream HTTP/1.0\r\n\r\n")
        head = read_head(sock)
        assert b"Connection: close" in head and b"Transfer-Encoding" not in head
        lines = sock.makefile("rb")
        for _ in range(2):
            assert json.loads(lines.readline()[6:])["tandem"]["mode"] == "uv-loop"
            assert lines.readline() == b"\n"


def test_head_and_other_methods(serve):
    server = serve("--mode", "uv-loop")
    answer = server.raw(b"HEAD /stats/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\n")
    assert b"\r\nContent-Type: text/event-stream\r\n" in answer
    assert server.request("POST", "/stats/stream")[0] == 405
    assert server.stats()["http"]["requests_in_flight"] == 1


def test_a_hundred_at_once_and_the_others_are_served(serve):
    server = serve("--mode", "uv-loop", "--loops", "2", *OFTEN)
    socks = [open_stream(server) for _ in range(100)]
    readers = [Background(lambda sock: list(itertools.islice(events(sock), 3)), sock) for sock in socks]
    with server.connect() as sock:
        for _ in range(500):
            sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_response(sock)[0] == 200
    for reader in readers:
        assert len(reader.result()) == 3
    # The clients leave silently. The server notices at the next event.
    for sock in socks:
        sock.close()
    wait_until(lambda: server.stats()["http"]["requests_in_flight"] == 1)
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1)


def test_waiting_for_the_next_second_costs_nothing(serve):
    server = serve("--mode", "uv-loop", "--admin", "0")
    admin = server.admin()
    socks = [open_stream(server) for _ in range(5)]
    before = admin.stats()["process"]
    time.sleep(2)
    after = admin.stats()["process"]
    used = sum(after[key] - before[key] for key in ("cpu_user_seconds", "cpu_system_seconds"))
    assert used < 0.4
    for sock in socks:
        sock.close()


@pytest.mark.parametrize("loops", ["1", "3"])
def test_a_drain_ends_them(serve, loops):
    server = serve("--mode", "uv-loop", "--loops", loops, "--admin", "0")
    socks = [open_stream(source) for source in (server, server, server, server.admin(), server.admin())]
    streams = [events(sock) for sock in socks]
    for stream in streams:
        next(stream)
    begun = time.monotonic()
    server.signal(signal.SIGTERM)
    for sock, stream in zip(socks, streams, strict=True):
        assert len(list(stream)) <= 1
        assert is_closed(sock)
    assert server.wait() == 0
    assert time.monotonic() - begun < 5
    server.stop()


def test_clients_that_leave_at_any_moment(serve):
    server = serve("--mode", "uv-loop", *OFTEN)
    for turn in range(60):
        sock = server.connect()
        sock.sendall(REQUEST)
        if turn % 3:
            sock.recv(100 if turn % 3 == 1 else 65536)
        if turn % 2:
            reset(sock)
        else:
            sock.close()
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1)
