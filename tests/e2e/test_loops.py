"""--loops: several event loops share the connections, and every model serves them all."""

import contextlib
import os
import time

import pytest

from support import MODELS, Background, read_response, wait_until

GET = b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"


def shares(server):
    return [loop["connections_active"] for loop in server.stats()["loops"]]


@pytest.mark.parametrize("loops", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("connections", [64, 200])
def test_connections_are_balanced(serve, loops, connections):
    """Each loop has the average number of connections, within a tenth of it or within one, whichever is more."""
    server = serve("--mode", "uv-loop", "--loops", str(loops))
    socks = [server.connect() for _ in range(connections)]
    wait_until(lambda: sum(shares(server)) == connections + 1)
    counts = shares(server)
    assert len(counts) == loops
    assert [loop["id"] for loop in server.stats()["loops"]] == list(range(loops))
    average = connections / loops
    for count in counts:  # the connection that asks for the counts is included
        assert average - max(0.1 * average, 1) <= count <= average + 1 + max(0.1 * average, 1), counts
    for sock in socks:
        sock.close()


def test_they_stay_balanced_while_clients_come_and_go(serve):
    server = serve("--mode", "uv-loop", "--loops", "3")
    socks = [server.connect() for _ in range(90)]
    for turn in range(300):
        socks[turn * 7 % 90].close()
        wait_until(lambda: sum(shares(server)) == 90)
        socks[turn * 7 % 90] = server.connect()
    wait_until(lambda: sum(shares(server)) == 91)
    assert max(shares(server)) - min(shares(server)) <= 2
    for sock in socks:
        sock.close()


def test_each_loop_has_a_thread(serve):
    one, four = (serve("--mode", "uv-loop", "--loops", loops) for loops in ("1", "4"))
    threads = [len(os.listdir(f"/proc/{server.pid}/task")) for server in (one, four)]
    assert threads[1] - threads[0] == 3


@pytest.mark.parametrize("model", MODELS)
def test_many_at_once(serve, model):
    server = serve("--mode", model, "--loops", "3", "--threads", "3")
    paths = ("/plaintext", "/json", "/sleep?ms=1", "/hash?kib=1", "/file?size=4k", "/primes?n=500")

    def client(number):
        with server.connect(60) as sock:
            for turn in range(40):
                path = paths[(number + turn) % len(paths)].encode()
                sock.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                assert read_response(sock)[0] == 200

    clients = [Background(client, number) for number in range(24)]
    for one in clients:
        one.result()
    # /stats may come from one loop before another loop has recorded its last answer.
    wait_until(lambda: server.model(model)["requests_total"] == 24 * 40)
    stats = server.model(model)
    assert (stats["errors_total"], stats["in_flight"]) == (0, 0)


def test_a_blocked_loop_does_not_block_the_others(serve):
    server = serve("--mode", "py-inline", "--loops", "2")
    blocked = Background(server.get, "/sleep?ms=1500")
    wait_until(lambda: any(loop["connections_active"] for loop in server.stats()["loops"]))
    with server.connect() as first, server.connect() as second:
        time.sleep(0.2)
        answered = 0
        for sock in (first, second):
            sock.settimeout(0.3)
            sock.sendall(GET)
            with contextlib.suppress(TimeoutError):
                answered += read_response(sock)[0] == 200
        assert answered >= 1
        assert blocked.result()[0] == 200


def test_the_limit_of_connections_is_for_all_loops(serve):
    server = serve("--mode", "uv-loop", "--loops", "3", "--max-connections", "4")
    socks = [server.connect() for _ in range(6)]
    for sock in socks:
        sock.sendall(GET)
    for sock in socks[:4]:
        assert read_response(sock)[0] == 200
    socks[5].settimeout(0.3)
    with pytest.raises(TimeoutError):
        socks[5].recv(1)
    socks[5].settimeout(20)
    for gone, served in ((0, 4), (1, 5)):
        socks[gone].close()
        assert read_response(socks[served])[0] == 200
    for sock in socks:
        sock.close()
