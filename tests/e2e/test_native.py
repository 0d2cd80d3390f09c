"""--native, the user's handler in C. tests/apps/native_handler.c has a path for each behaviour."""

import json
import signal

import pytest

from support import (
    APPS,
    MODELS,
    NATIVE_HANDLER,
    Background,
    Server,
    expect_app_failure,
    read_response,
    reset,
    wait_until,
)


@pytest.fixture(scope="module", params=["uv-loop", "uv-pool"])
def native(request):
    """A server with the handler at its root. Each test runs in both models that run C."""
    server = Server("--mode", request.param, "--native", NATIVE_HANDLER, "--loops", "2", "--threads", "2")
    yield server
    server.stop()


def view(response):
    status, headers, body = response
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return body.decode("latin-1").splitlines()


def test_all_that_a_request_gives_to_read(native):
    fields = {"X-One": "1", "x-ONE": "two words", "X-Latin": "\xe9"}
    lines = view(native.request("PATCH", "/vi%65w?a=%20b?c", b"some body", fields))
    assert lines[:7] == [
        "method PATCH",
        "target /vi%65w?a=%20b?c",
        "path /view",
        "query a=%20b?c",
        "http 1.1",
        "peer 127.0.0.1 1",
        "body some body",
    ]
    assert lines[7] == ("loop yes" if native.mode == "uv-loop" else "loop no")
    assert {"field X-One=1", "field x-ONE=two words", "field X-Latin=\xe9"} < set(lines)
    assert lines[8].startswith("field Host=")


def test_the_path_comes_after_the_mount(native):
    for way in ("", "/native", f"/{native.mode}/native"):
        lines = view(native.get(f"{way}/view"))
        assert lines[1:3] == [f"target {way}/view", "path /view"]
    for path in ("/native", "/", "/nothing/of/the/kind", "/plaintext"):
        assert native.get(path)[2] == b"native"
    assert native.get(f"/{native.mode}/plaintext")[2] == b"Hello, World!"


def test_http_1_0(native):
    assert b"\nhttp 1.0\n" in native.raw(b"GET /view HTTP/1.0\r\n\r\n")


def test_a_field_by_its_name(native):
    headers = {"X-Name": "the value"}
    assert native.get("/field?x-nAME", headers=headers)[::2] == (200, b"the value")
    expect_app_failure(native, "/field?X-Nam", "failed: there is no field X-Nam")


def test_a_path_that_cannot_be_decoded(native):
    for path in ("/%", "/native/%zz", "/a%00b"):
        status, _, body = native.get(path)
        assert status == 400 and "the path has a " in json.loads(body)["error"]


def test_fields(native):
    status, headers, body = native.get("/fields")
    assert (status, body) == (200, b"fields")
    assert headers.get_all("X-Twice") == ["1", "2"]
    assert headers.get_all("Server") == ["another"]
    assert headers.get_all("Content-Length") == ["6"]
    assert len(headers.get_all("Date")) == 1


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 + 1, 1024 * 1024])
def test_a_body_is_whole(native, size):
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert native.request("POST", "/echo", body)[::2] == (200, body)
    assert native.request("POST", "/echo", iter([body[:1000], body[1000:]]))[::2] == (200, body)


def test_a_body_over_the_limit(native):
    with native.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
        assert read_response(sock)[0] == 413


def test_a_body_that_comes_slowly_is_waited_for(native):
    with native.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"a" * 70000)
        wait_until(lambda: native.stats()["http"]["requests_in_flight"] == 2)
        assert native.model(native.mode)["in_flight"] == 0
        sock.sendall(b"b" * 30000)
        assert read_response(sock)[2] == b"a" * 70000 + b"b" * 30000


def test_a_body_that_was_given_away_is_released(native):
    before = int(native.get("/released")[2])
    for _ in range(3):
        assert native.get("/given")[::2] == (200, b"given away")
    wait_until(lambda: int(native.get("/released")[2]) == before + 3)


def test_head(native):
    with native.connect() as sock:
        sock.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, rest = b"".join(iter(lambda: sock.recv(65536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and b"\r\nContent-Length: 6" in head
    assert rest.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("status", [200, 201, 204, 299, 304, 418, 599])
def test_a_status(native, status):
    assert native.get(f"/status?{status}")[::2] == (status, b"")


@pytest.mark.parametrize(
    "path, reason",
    [
        ("/status?199", "the handler's status 199 is not from 200 to 599"),
        ("/status?600", "the handler's status 600 is not from 200 to 599"),
        ("/no-status", "the handler has set no status"),
        ("/split", "the handler's header field 'X-Split' has a forbidden byte"),
        ("/length", "the header field Content-Length is the server's to say"),
        ("/fail", "failed: a secret of 42"),
    ],
)
def test_what_the_handler_does_wrong_is_a_500_and_told_to_the_log(native, path, reason):
    expect_app_failure(native, path, reason)


def test_done_is_for_start_and_once(native):
    if native.mode == "uv-pool":
        expect_app_failure(native, "/done-twice", "the handler called tandem_done in run, whose return is the end")
    else:
        assert native.get("/done-twice")[::2] == (200, b"done twice")
        native.wait_for_log("GET /done-twice in uv-loop: the handler called tandem_done twice")
        assert native.get("/")[0] == 200


def test_stats_have_it(native):
    native.get("/")
    series = native.model(native.mode)["workloads"]["native"]
    assert series["requests_total"] >= 1 and series["phases"]["handler"]["count"] >= 1


def test_it_is_made_ready_and_torn_down(serve):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER)
    assert "native_handler: ready\n" in server.log() and "torn down" not in server.log()
    server.stop()
    assert server.log().endswith("native_handler: torn down\n")


def test_start_may_be_done_on_another_thread(serve):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER, "--loops", "2")
    for _ in range(50):
        assert server.get("/elsewhere")[::2] == (200, b"from another thread")


def test_a_started_one_that_is_late_is_cancelled(serve):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER, "--request-timeout", "300ms")
    with server.connect() as sock:
        sock.sendall(b"GET /wait?60000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(sock)[0] == 504
        sock.sendall(b"GET /cancelled HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(sock)[2] == b"1"
    assert server.rejected("handler_timeout") == 1
    assert server.model("uv-loop")["in_flight"] == 0


def test_a_started_one_whose_client_leaves_is_cancelled(serve):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER)
    with server.connect() as sock:
        sock.sendall(b"GET /wait?60000 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.has_begun("uv-loop"))
        reset(sock)
    wait_until(lambda: server.get("/cancelled")[2] == b"1")
    assert server.model("uv-loop")["in_flight"] == 0


@pytest.mark.parametrize("loops", [1, 2])
def test_a_stop_waits_for_what_was_started(serve, loops):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER, "--loops", str(loops))
    waiting = [Background(server.get, "/wait?1000") for _ in range(4)]
    wait_until(lambda: server.model("uv-loop")["in_flight"] == 4)
    server.signal(signal.SIGTERM)
    for one in waiting:
        assert one.result()[::2] == (200, b"waited")
    assert server.wait() == 0
    server.stop()


def test_one_that_is_never_done_does_not_keep_the_process(serve):
    options = ("--request-timeout", "200ms", "--drain-timeout", "300ms")
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER, *options)
    assert server.get("/never")[0] == 504
    server.signal(signal.SIGTERM)
    assert server.wait() == 1
    server.stop(expect=1)


def test_what_it_leaves_open_does_not_keep_the_process(serve):
    server = serve("--mode", "uv-loop", "--native", NATIVE_HANDLER)
    assert server.get("/left-open")[0] == 200
    server.stop()
    assert "--native: the handler left a uv_timer_t open on loop 0: its teardown is to close it" in server.log()


def test_beside_an_app(serve):
    server = serve("--app-dir", APPS, "--native", NATIVE_HANDLER, "wsgi_app:app")
    assert server.get("/py-threads/app/")[::2] == (200, b"Hello, World!")
    for model in MODELS:
        status, _, body = server.get(f"/{model}/native/")
        if model.startswith("uv-"):
            assert (status, body) == (200, b"native")
            assert server.get(f"/{model}/app/")[0] == 501
        else:
            assert status == 501
            assert json.loads(body) == {"error": f"{model} cannot run native: it is in C, and this model runs Python"}
    assert server.get("/native/")[0] == 404
    assert json.loads(server.get("/")[2])["workloads"]["native"] == {"method": "any", "parameters": {}}


def test_a_second_signal_ends_a_server_whose_handler_holds_stdio(serve, compiled):
    """As a handler does that writes to a pipe that nobody reads."""
    mine = compiled(
        "#include <stdio.h>\n#include <unistd.h>\n"
        "static void run(struct tandem_request *request)\n"
        "{\n    (void)request;\n    flockfile(stdout);\n    for (;;)\n        pause();\n}\n"
        "TANDEM_HANDLER(.run = run);\n"
    )
    server = serve("--mode", "uv-pool", "--native", mine, "--drain-timeout", "60s")
    with server.connect() as sock:
        sock.sendall(b"GET /native HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.has_begun("uv-pool"))
        server.signal(signal.SIGTERM)
        server.wait_for_log("draining")
        server.signal(signal.SIGTERM)
        assert server.wait(30) == 1
        server.stop(expect=1)
