"""WSGI (PEP 3333) as a client and an app see it, in each model that runs such an app."""

import json
import re
from pathlib import Path

import pytest

from support import APPS, Background, expect_app_failure, expect_broken_off, reset, wait_until

MODELS = ("py-inline", "py-threads", "py-subinterp")


@pytest.fixture
def app(wsgi_app):
    return wsgi_app


def environ(app, path="/show", method="GET", body=None, headers=None):
    status, _, shown = app.request(method, path, body, headers)
    assert status == 200
    return json.loads(shown)


def test_a_plain_answer(app):
    status, headers, body = app.get("/")
    assert (status, body, headers["Content-Type"], headers["Content-Length"]) == (
        200,
        b"Hello, World!",
        "text/plain",
        "13",
    )
    assert headers["Server"] == "tandem"
    assert headers["Date"].endswith(" GMT")


def test_the_environ_has_what_the_pep_demands(app):
    shown = environ(app, "/show/a%20b/%c3%a9?x=%20&y", headers={"X-One": " padded "})
    assert (shown["REQUEST_METHOD"], shown["SCRIPT_NAME"], shown["PATH_INFO"]) == ("GET", "", "/show/a b/\xc3\xa9")
    assert (shown["QUERY_STRING"], shown["SERVER_PROTOCOL"]) == ("x=%20&y", "HTTP/1.1")
    assert (shown["SERVER_NAME"], shown["SERVER_PORT"]) == ("127.0.0.1", str(app.port))
    assert (shown["REMOTE_ADDR"], shown["HTTP_X_ONE"]) == ("127.0.0.1", "padded")
    assert int(shown["REMOTE_PORT"]) > 0
    assert shown["HTTP_HOST"] == f"127.0.0.1:{app.port}"
    assert "CONTENT_TYPE" not in shown and "CONTENT_LENGTH" not in shown
    assert (shown["wsgi.version"], shown["wsgi.url_scheme"], shown["wsgi.run_once"]) == ([1, 0], "http", False)
    assert shown["types"] == ["str"]


def test_threads_and_processes_are_told_as_the_model_has_them(app):
    shown = environ(app)
    expected = {"py-inline": (False, False), "py-threads": (True, False), "py-subinterp": (False, True)}
    assert (shown["wsgi.multithread"], shown["wsgi.multiprocess"]) == expected[app.mode]


def test_the_ways_to_the_app(app):
    for way in ("/app", f"/{app.mode}/app"):
        shown = environ(app, f"{way}/show/x")
        assert (shown["SCRIPT_NAME"], shown["PATH_INFO"]) == (way, "/show/x")
    assert app.get("/app")[2] == b"Hello, World!"
    assert app.get("/apple")[:3:2] == (404, b"no apple")
    assert app.get(f"/{app.mode}/json")[2] == b'{"message":"Hello, World!"}'
    assert app.get("/json")[:3:2] == (404, b"no json")
    assert app.get("/_tandem/stats")[0] == 200
    assert app.get("/" + "a" * 5000)[0] == 404


def test_a_body_and_its_headers(app):
    shown = environ(app, method="POST", body=b"\0\xff", headers={"Content-Type": "a/b; c=d"})
    assert (shown["CONTENT_TYPE"], shown["CONTENT_LENGTH"], shown["body"]) == ("a/b; c=d", "2", "\0\xff")
    assert "HTTP_CONTENT_TYPE" not in shown
    shown = environ(app, method="PATCH", body=iter([b"ab", b"cd"]))
    assert (shown["REQUEST_METHOD"], shown["body"], shown["wsgi.input_terminated"]) == ("PATCH", "abcd", True)


def test_headers_of_one_name_are_joined(app):
    head = b"GET /show HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a:2\r\nCookie: a=1\r\nCookie: b=2\r\nX_A: 3\r\nX-E:\r\n"
    answer = app.raw(head + b"Connection: close\r\n\r\n")
    shown = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (shown["HTTP_X_A"], shown["HTTP_COOKIE"], shown["HTTP_X_E"]) == ("1,2", "a=1; b=2", "")


def test_http_1_0(app):
    answer = app.raw(b"GET /show HTTP/1.0\r\n\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["SERVER_PROTOCOL"] == "HTTP/1.0"


def test_headers_of_the_answer(app):
    status, headers, body = app.get("/fields")
    assert (status, body) == (418, b"short and stout")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert (headers["X-Latin"], headers.get_all("Server"), headers["X-Tab"]) == ("\xe9", ["mine"], "a b")
    assert (headers["Content-Length"], headers["Transfer-Encoding"], headers["Connection"]) == ("15", None, None)
    assert headers["X-Empty"] == ""


def test_the_input_is_a_file(app):
    _, _, body = app.request("POST", "/lines", b"one\ntwo\nthree\nfour\nfive\nsix")
    expected = [b"one\n", b"two", b"\n", b"th", [b"ree\n", b"four\n"], [b"five\n", b"six"], b"", b"", []]
    assert body == repr(expected).encode()


@pytest.mark.parametrize(
    "path, length, body",
    [
        ("/generator", None, b"0\n1\n2\n3\n4\n"),
        ("/with-length", "6", b"sixsix"),
        ("/pieces-with-length", "6", b"sixsix"),
        ("/writes", None, b"one two three"),
        ("/slow", None, b"piece\n" * 3),
    ],
)
def test_bodies_in_pieces(app, path, length, body):
    status, headers, found = app.get(path)
    assert (status, found) == (200, body)
    if length or headers["Transfer-Encoding"]:
        assert headers["Content-Length"] == length
    status, headers, found = app.request("HEAD", path)
    assert (status, found) == (200, b"")
    assert length is None or headers["Content-Length"] == length


def test_pieces_go_out_as_they_come(app):
    with app.connect() as sock:
        sock.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        while b"piece" not in data:
            data += sock.recv(65536)
        assert data.count(b"piece") == 1


def test_every_iterable_is_closed(app):
    for name in ("generator", "with_length", "pieces_with_length", "not_modified"):
        app.get("/" + name.replace("_", "-"))
    counts = [0]

    def closed():
        # Each interpreter has its own list.
        answers = [Background(app.get, "/which-closed") for _ in range(8)]
        found = {name for answer in answers for name in answer.result()[2].decode().split()}
        counts.append(len(found))
        return found >= {"generator", "with_length", "pieces_with_length", "not_modified"}

    wait_until(closed)


def test_an_iterable_is_closed_when_its_client_leaves(app):
    with app.connect() as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(100)
        reset(sock)

    def closed():
        answers = [Background(app.get, "/which-closed") for _ in range(8)]
        return any(b"endless" in answer.result()[2] for answer in answers)

    wait_until(closed)
    assert "endless" not in app.log()


def test_a_client_that_takes_nothing_holds_the_app_up(app):
    """Back-pressure: the endless stream is produced no faster than the client reads it."""
    memory = app.stats()["process"]["resident_memory_bytes"]
    with app.connect() as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(100):
            app.get("/")
        assert app.stats()["process"]["resident_memory_bytes"] < memory + 8_000_000
        taken = 0
        while taken < 5_000_000:
            taken += len(sock.recv(1 << 20))


def test_start_response_at_the_first_piece(app):
    status, headers, body = app.get("/late")
    assert (status, headers["X-Late"], body) == (201, "yes", b"late")


def test_an_error_before_anything_is_out_replaces_the_head(app):
    status, headers, body = app.get("/replaced")
    assert (status, headers["X-First"], headers["X-Second"], body) == (502, None, "2", b"replaced")


@pytest.mark.parametrize(
    "path, reason",
    [
        ("/raises", "ValueError: raised by the app"),
        ("/nothing", "RuntimeError: the app did not call start_response"),
        ("/twice", "RuntimeError: start_response was called twice without exc_info"),
        ("/text", "TypeError: a WSGI app's pieces are bytes, not str"),
        ("/too-long", "ValueError: the app's body has 4 bytes, its Content-Length is 3"),
        ("/bad-header?newline", "is no header"),
        ("/bad-header?name", "is no header"),
        ("/bad-header?bytes", "TypeError: start_response: the names and values of headers are str"),
        ("/bad-header?unicode", "is not latin-1"),
        ("/bad-header?length", "ValueError: Content-Length is not a whole number"),
        ("/bad-header?lengths", "ValueError: Content-Length is given twice"),
        ("/bad-header?large", "its response has 66007 bytes of header fields, at most 65536 are sent"),
        ("/bad-header?pair", "TypeError: start_response: the headers are a list of (name, value)"),
    ],
)
def test_what_the_app_does_wrong_is_a_500_and_told_to_the_log(app, path, reason):
    expect_app_failure(app, path, reason)


@pytest.mark.parametrize("status", ["ok", "99 Low", "100 Continue", "600 High", "2000", "20"])
def test_a_status_that_is_none(app, status):
    assert app.get("/bad-status", headers={"X-Status": status})[0] == 500


@pytest.mark.parametrize("path", ["/raises-later", "/too-short"])
def test_a_failure_in_the_middle_breaks_the_answer_off(app, path):
    expect_broken_off(app, path)


def test_an_iterable_that_writes_fails_alone(app):
    answer = app.raw(b"GET /writes-in-its-iterable HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    if app.mode == "py-inline":  # nothing was sent yet
        assert answer.startswith(b"HTTP/1.1 500 ")
    else:
        assert answer.endswith(b"\r\n\r\nd")
    assert app.get("/")[0] == 200


def test_answers_without_a_body(app):
    status, headers, body = app.get("/empty")
    assert (status, body, headers["Content-Length"]) == (204, b"", None)
    status, headers, body = app.get("/not-modified")
    assert (status, body, headers["ETag"]) == (304, b"", '"x"')
    status, headers, body = app.request("HEAD", "/")
    assert (status, body, headers["Content-Length"]) == (200, b"", "13")


def test_a_file(app):
    status, _, body = app.get("/file")
    content = Path(APPS, "wsgi_app.py").read_bytes()
    assert (status, body) == (200, content)
    assert app.get("/file-from?middle")[2] == content.partition(b"\n")[2]
    assert app.get("/file-from?short")[2] == content[:5]
    assert app.get("/file-from?memory")[2] == b"in memory"
    assert app.get("/file-from?gzip")[2] == b"unzipped"


def test_wsgi_errors_go_to_the_log(app):
    assert app.get("/logs")[0] == 200
    app.wait_for_log("a line for the log")
    app.wait_for_log("and another")


def test_a_line_of_one_request_does_not_begin_one_of_the_next(app):
    for name in "abc":
        assert app.get(f"/logs-half?{name}")[2] == b"xx"
        app.wait_for_log(f"last of {name}")
    found = [re.findall(r"(?:call|first|second|last) of (\w)", line) for line in app.log().splitlines()]
    assert all(len(set(names)) <= 1 for names in found), found


def test_the_reference_validator_finds_nothing(app):
    assert app.request("POST", "/checked", b"some body")[::2] == (200, b"valid")
    assert "AssertionError" not in app.log()


def test_what_is_imported_is_frozen_and_garbage_is_still_collected(app):
    frozen, collected = json.loads(app.get("/garbage")[2])
    assert frozen > 1000 and collected


def test_stats_have_the_app(app):
    app.get("/")
    series = app.model(app.mode)["workloads"]["app"]
    assert series["requests_total"] >= 1
    assert series["phases"]["handler"]["count"] >= 1


def test_all_at_once(serve):
    server = serve("--app-dir", APPS, "wsgi_app:app")
    for model in MODELS:
        assert server.get(f"/{model}/app/")[::2] == (200, b"Hello, World!")
    for model in ("uv-loop", "uv-pool", "py-asyncio"):
        status, _, body = server.get(f"/{model}/app/")
        assert status == 501 and f"{model} cannot run app" in json.loads(body)["error"]
    assert server.get("/app/")[0] == 404
    assert "app" in json.loads(server.get("/")[2])["workloads"]


def test_a_factory(serve):
    server = serve("--mode", "py-inline", "--app-dir", APPS, "--factory", "wsgi_app:factory")
    assert server.get("/")[2] == b"Hello, World!"
