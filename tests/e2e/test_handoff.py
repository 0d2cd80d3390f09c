"""The hand-off, seen from outside: answers that come at once, late, and after the connection was suspended.

libmicrohttpd asks for an answer at every daemon run. After 32 times the connection is suspended
(http/exchange/exchange.h). The sleeps here lie on both sides of that. These tests hold for 0.9.75 and for 1.0.
"""

import time

import pytest

from support import MODELS, THREADED, Background, read_response, wait_until


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("ms", [0, 1, 5, 40, 200])
def test_answers_early_and_late(serve, model, ms):
    server = serve("--mode", model)
    with server.connect() as sock:
        for _ in range(5):
            start = time.monotonic()
            sock.sendall(b"GET /sleep?ms=%d HTTP/1.1\r\nHost: x\r\n\r\n" % ms)
            status, _, body, rest = read_response(sock)
            assert (status, body, rest) == (200, b'{"slept_ms":%d}' % ms, b"")
            # libuv's timers count whole milliseconds, rounded down.
            assert time.monotonic() - start >= (ms - (model == "uv-loop")) / 1000


@pytest.mark.parametrize("model", ["uv-loop", *THREADED])
def test_slow_ones_do_not_hold_up_the_others(serve, model):
    """The connections of long sleeps are suspended, and short requests overtake them."""
    server = serve("--mode", model, "--threads", "8")
    slow = [server.connect() for _ in range(6)]
    for sock in slow:
        sock.sendall(b"GET /sleep?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_until(lambda: server.model(model)["in_flight"] == 6)
    with server.connect() as sock:
        for _ in range(300):
            sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_response(sock)[0] == 200
    assert server.model(model)["in_flight"] == 6, "the sleeps were to outlast the others"
    for sock in slow:
        assert read_response(sock)[:1] == (200,)
        sock.close()


@pytest.mark.parametrize("model", MODELS)
def test_many_at_once(serve, model):
    server = serve("--mode", model, "--threads", "4")
    paths = ("/plaintext", "/json", "/sleep?ms=1", "/hash?kib=1", "/file?size=4k", "/primes?n=500")

    def client(number):
        with server.connect(60) as sock:
            for turn in range(60):
                path = paths[(number + turn) % len(paths)].encode()
                sock.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                assert read_response(sock)[0] == 200

    clients = [Background(client, number) for number in range(24)]
    for one in clients:
        one.result()
    stats = server.model(model)
    assert (stats["requests_total"], stats["errors_total"], stats["in_flight"]) == (24 * 60, 0, 0)


@pytest.mark.parametrize("model", ["uv-loop", "py-threads"])
def test_hundreds_of_hung_requests(serve, model):
    server = serve("--mode", model, "--threads", "2", "--request-timeout", "2s", "--queue-limit", "400")
    hung = [server.connect() for _ in range(300)]
    for sock in hung:
        sock.sendall(
            b"GET /sleep?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n"
            if model == "uv-loop"
            else b"GET /sleep?ms=2500 HTTP/1.1\r\nHost: x\r\n\r\n"
        )
    wait_until(lambda: server.model(model)["in_flight"] == 300)
    for sock in hung:
        status, _, _, rest = read_response(sock)
        assert (status, rest) == (504, b"")
        sock.close()
    assert server.rejected("handler_timeout") == 300
    if model == "uv-loop":
        wait_until(lambda: server.model(model)["in_flight"] == 0)
    else:
        # A request that no thread has begun is dropped, since nobody waits for its answer.
        wait_until(lambda: server.model(model)["queue_length"] == 0, 20)
        wait_until(lambda: server.model(model)["in_flight"] == 0, 20)
