"""--admin serves tandem's own pages, whatever the io_threads do. /livez and /readyz answer there and on --port."""

import json
import signal
import time

import pytest

from support import APPS, MODELS, Background, is_closed, read_response, wait_until


def test_its_pages(serve):
    server = serve("--mode", "compare", "--admin", "0")
    admin = server.admin()
    assert admin.port != server.port
    server.wait_for_log(f"admin at http://127.0.0.1:{admin.port}\n")
    stats = admin.stats()
    assert stats["tandem"]["admin"] == f"http://127.0.0.1:{admin.port}"
    assert list(stats["models"]) == list(MODELS)
    index = json.loads(admin.get("/")[2])
    assert (index["models"], index["workloads"]) == ({}, {})
    assert {"/", "/stats", "/livez", "/readyz"} <= set(index["pages"])
    for path in ("/plaintext", "/uv-loop/plaintext", "/nothing"):
        assert admin.get(path)[0] == 404
    assert admin.request("POST", "/stats")[0] == 405


def test_its_pages_beside_an_app_that_has_the_root(serve):
    server = serve("--mode", "py-threads", "--admin", "0", "--app-dir", APPS, "wsgi_app:app")
    admin = server.admin()
    assert "/stats" in json.loads(admin.get("/")[2])["pages"]
    for path in ("/favicon.ico", "/x/y", "/py-threads/app/", "/app/", "//"):
        assert admin.get(path)[0] == 404
    assert server.get("/")[0] == 200


def test_it_is_not_among_the_statistics(serve):
    server = serve("--mode", "uv-loop", "--admin", "0")
    admin = server.admin()
    before = server.stats()
    for _ in range(10):
        admin.stats()
    after = server.stats()
    assert after["http"]["requests_total"] == before["http"]["requests_total"] + 1
    assert len(after["loops"]) == 1


def test_without_it(serve):
    assert serve("--mode", "uv-loop").stats()["tandem"]["admin"] is None


@pytest.mark.alone
def test_it_answers_while_python_blocks_the_only_loop(serve):
    server = serve("--mode", "py-inline", "--admin", "0")
    admin = server.admin()
    blocked = Background(server.get, "/sleep?ms=1500")
    wait_until(lambda: admin.stats()["http"]["requests_in_flight"] == 1)
    times = []
    for _ in range(20):
        start = time.monotonic()
        assert admin.stats()["http"]["requests_in_flight"] == 1
        times.append(time.monotonic() - start)
    assert sorted(times)[10] < 0.05
    assert blocked.result()[0] == 200


@pytest.mark.parametrize("loops", ["1", "3"])
def test_it_answers_during_the_drain_and_then_stops(serve, loops):
    server = serve("--mode", "uv-loop", "--admin", "0", "--loops", loops)
    admin = server.admin()
    for one in (server, admin):
        assert one.get("/livez")[0] == 200
        assert one.get("/readyz")[0] == 200
    with server.connect() as busy, admin.connect() as idle:
        busy.sendall(b"GET /sleep?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n")
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(idle)[0] == 200
        wait_until(lambda: admin.stats()["models"]["uv-loop"]["in_flight"] == 1)
        server.signal(signal.SIGTERM)
        wait_until(lambda: admin.get("/readyz")[0] == 503)
        assert b"draining" in admin.get("/readyz")[2]
        assert admin.get("/livez")[0] == 200
        assert admin.stats()["models"]["uv-loop"]["in_flight"] == 1
        assert read_response(busy)[0] == 200
        assert is_closed(idle)
    assert server.wait() == 0
    server.stop()


def test_a_drain_that_hangs_ends_the_admin_io_thread_too(serve):
    server = serve("--mode", "uv-loop", "--admin", "0", "--drain-timeout", "300ms")
    admin = server.admin()
    request = Background(server.get, "/sleep?ms=60000")
    wait_until(lambda: admin.stats()["models"]["uv-loop"]["in_flight"] == 1)
    server.signal(signal.SIGTERM)
    assert server.wait() == 1
    server.stop(1)
    with pytest.raises(OSError):
        request.result()
