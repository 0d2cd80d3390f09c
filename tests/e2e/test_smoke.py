"""The smoke test: a little of everything at once in every model. Each answer is checked, and each request counted.

The test ends with a drain while requests are in flight. It is short, so that every change can run it.
"""

import hashlib
import json
import signal

import pytest

from support import APPS, MODELS, NATIVE_HANDLER, Background, is_closed, read_response, reset, wait_until

CLIENTS = 6
LARGE = bytes(range(256)) * 200


def get(path):
    return b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode()


def post(path, body):
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(body), body)


def chunked(path, *chunks):
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (path.encode(), framed)


def workload_requests(model):
    """Yields ``(request, status, body)``. The body is None if it is read but not compared."""
    base = f"/{model}"
    yield get(f"{base}/plaintext"), 200, b"Hello, World!"
    yield get(f"{base}/json?x=%20"), 200, b'{"message":"Hello, World!"}'
    yield post(f"{base}/echo", b"small"), 200, b"small"
    yield post(f"{base}/echo", LARGE), 200, LARGE
    yield chunked(f"{base}/echo", b"chunk", b"ed" * 5000), 200, b"chunk" + b"ed" * 5000
    yield get(f"{base}/sleep?ms=2"), 200, b'{"slept_ms":2}'
    yield get(f"{base}/primes?n=300"), 200, b'{"n":300,"primes":62}'
    yield get(f"{base}/file?size=64k"), 200, None
    yield (
        get(f"{base}/hash?kib=1"),
        200,
        b'{"sha256":"%s"}' % hashlib.sha256(bytes(range(256)) * 4).hexdigest().encode(),
    )
    yield get(f"{base}/primes?n=0"), 400, None
    yield get(f"{base}/plaintext").replace(b"GET", b"PUT"), 405, None


def ask_all(server, requests):
    """Sends the requests one after the other, then all in one write, on one connection. Returns their number."""
    requests = list(requests)
    with server.connect(60) as sock:
        rest = b""
        for one_by_one in (True, False):
            if not one_by_one:
                sock.sendall(b"".join(request for request, _, _ in requests))
            for request, status, body in requests:
                if one_by_one:
                    sock.sendall(request)
                got, headers, content, rest = read_response(sock, rest)
                assert (got, body is None or content == body) == (status, True), (request[:60], got, content[:200])
                assert headers["server"] == "tandem" and headers["date"].endswith("GMT")
    return 2 * len(requests)


def leave(server, data):
    """Sends the data, then leaves by a reset."""
    with server.connect() as sock:
        sock.sendall(data)
        reset(sock)


def options_of(model):
    if model.startswith("uv-"):
        return ("--native", NATIVE_HANDLER)
    return ("--app-dir", APPS, "smoke_app:asgi" if model == "py-asyncio" else "smoke_app:wsgi")


def check_app(server):
    """Checks the app or the handler at the root."""
    if server.mode.startswith("uv-"):
        assert server.get("/describe")[0] == 200
        return
    for _ in range(3):
        status, headers, body = server.get("/any%20path?x=1")
        assert (status, headers["X-Path"], body) == (200, "/any path", b"hello")
        assert server.get("/stream")[2] == b"".join(b"piece %d\n" % number for number in range(20))
        upload = server.request("POST", "/upload", LARGE * 3)
        assert upload[2].decode() == hashlib.sha256(LARGE * 3).hexdigest()
        assert server.get("/raises")[0] == 500


@pytest.mark.parametrize("model", MODELS)
def test_a_little_of_everything(serve, model):
    server = serve("--mode", model, "--loops", "2", "--threads", "3", *options_of(model))
    clients = [Background(ask_all, server, workload_requests(model)) for _ in range(CLIENTS)]
    leavers = [Background(leave, server, post(f"/{model}/echo", LARGE)[:size]) for size in (3, 200, 40_000)]
    asked = sum(client.result() for client in clients)
    for leaver in leavers:
        leaver.result()
    check_app(server)
    wait_until(lambda: server.stats()["http"]["connections_active"] == 1)
    wait_until(lambda: server.model(model)["in_flight"] == 0)

    def counted():
        workloads = server.model(model)["workloads"]
        return sum(one["requests_total"] for name, one in workloads.items() if name not in ("app", "native"))

    wait_until(lambda: counted() >= asked)  # the client may have the answer before the loop has recorded it
    assert counted() == asked
    stats = server.stats()
    workloads = stats["models"][model]["workloads"]
    assert workloads["echo"]["phases"]["total"]["count"] == 3 * 2 * CLIENTS
    assert workloads["sleep"]["phases"]["handler"]["min"] > 0.0009
    assert stats["http"]["responses"]["4xx"] == 4 * CLIENTS
    assert stats["models"][model]["queue_length"] == 0
    check_refusals(server)
    drain(server, model)


def check_refusals(server):
    assert server.raw(b"GET / HTTP/1.1\r\nBad header\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert server.raw(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    rejected = server.stats()["http"]["rejected"]
    assert (rejected["malformed"], rejected["body_too_large"]) == (1, 1)
    assert json.loads(server.get(f"{server.pages}/livez")[2])


def drain(server, model):
    """Requests in flight are answered, and idle connections are closed."""
    with server.connect(60) as idle:
        idle.sendall(get(f"/{model}/plaintext"))
        assert read_response(idle)[0] == 200
        busy = [server.connect(60) for _ in range(3)]
        for sock in busy:
            sock.sendall(get(f"/{model}/sleep?ms=200"))
        if model != "py-inline":  # its loop sleeps, and has begun only one request
            wait_until(lambda: server.model(model)["in_flight"] == 3)
        server.signal(signal.SIGTERM)
        for sock in busy:
            assert read_response(sock)[2] == b'{"slept_ms":200}'
            assert is_closed(sock)
            sock.close()
        assert is_closed(idle)
    assert server.wait() == 0, server.log()
    server.stop()
