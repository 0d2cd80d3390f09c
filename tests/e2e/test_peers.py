"""The peers of tandem's benchmarks give tandem's answers, byte for byte, and leave no process or file."""

import http.client
import os
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.machine import process
from bench.servers import peer
from bench.servers.peer import PEERS, Peer
from bench.servers.tandem import Tandem

from support import SANITIZED, wait_until

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="it drives build/release")

GOOD = {
    "plaintext": ["", "?", "?x=1"],
    "json": ["", "?x=1"],
    "sleep": ["", "?ms=0", "?ms=5", "?other=1&ms=5"],
    "primes": ["", "?n=1", "?n=2", "?n=4", "?n=25", "?n=1000"],
    "hash": ["", "?kib=1", "?kib=64&rounds=3", "?kib=65", "?kib=1000&rounds=2", "?rounds=3&kib=1"],
}
BAD = {
    "sleep": ["?ms=-1", "?ms=60001", "?ms=", "?ms=x", "?ms=1.5"],
    "primes": ["?n=0", "?n=5000001", "?n=99999999999999999999999999", "?n=%00", "?n=1x"],
    "hash": ["?kib=0", "?kib=16385", "?rounds=0", "?rounds=1001", "?kib=x&rounds=y"],
}
MORE_WORKERS = {
    "asgi-granian": (("--workers", "2"), {}),
    "asgi-uvicorn": (("--workers", "2"), {}),
    "fastapi-uvicorn": (("--workers", "2"), {}),
    "flask-gunicorn": (("--workers", "2"), {}),
    "express": ((), {"WORKERS": "2"}),
    "fastify": ((), {"WORKERS": "2"}),
}

every_peer = pytest.mark.parametrize("name", peer.names())


def need(name):
    if not peer.is_installed(name):
        pytest.skip(f"./dev peers {name} has not been run")


def started(name, *options, **more):
    need(name)
    return Peer(name, *options, **more)


def alive(pid):
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def stop(server):
    """Stops a server by SIGTERM. All its processes must end within the time limit."""
    family = process.family(server.process.pid)
    server.process.terminate()
    server.process.wait(10)
    wait_until(lambda: not any(alive(pid) for pid in family))


@pytest.fixture(scope="module")
def tandem():
    with Tandem("uv-loop") as server:
        yield server


@every_peer
def test_answers_are_those_of_tandem(name, tandem):
    with started(name) as server:
        for workload in server.about["workloads"]:
            for query in GOOD[workload]:
                path = f"/{workload}{query}"
                status, body = server.get(path)
                assert (status, body) == tandem.get(path), path
                assert status == 200


@every_peer
def test_what_is_wrong_is_the_clients_fault(name):
    with started(name) as server:
        paths = [f"/{workload}{query}" for workload in server.about["workloads"] for query in BAD.get(workload, ())]
        for path in paths:
            assert 400 <= server.get(path)[0] < 500, path
        assert server.get("/plaintext") == (200, b"Hello, World!")


def test_extras_are_the_same_in_each_that_has_them():
    answers = {}
    for name in peer.names():
        extras = peer.describe(name).get("extras")
        if extras:
            with started(name) as server:
                for path in [*extras, "/matmul?n=1", "/matmul?n=5", "/matmul"]:
                    answers.setdefault(path, set()).add(server.get(path))
                assert 400 <= server.get("/matmul?n=2049")[0] < 500
    assert answers["/"] == {(200, b'{"message":"Hello, World!"}')}
    trace = sum((i * j % 7) * ((i + j) % 5) for i in range(256) for j in range(256))
    assert answers["/matmul"] == answers["/matmul?n=256"] == {(200, b'{"n":256,"trace":%d}' % trace)}
    assert all(len(different) == 1 for different in answers.values()), answers


@every_peer
def test_a_connection_is_kept_and_head_has_no_body(name):
    with started(name) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for method, body in (("GET", b"Hello, World!"), ("HEAD", b""), ("GET", b"Hello, World!")):
            if method == "HEAD" and name.startswith("fastapi"):
                continue  # FastAPI's routes have GET only
            connection.request(method, "/plaintext")
            sock = connection.sock
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, body)
            assert response.headers["Content-Type"].startswith("text/plain")
            assert connection.sock is sock
        connection.close()


def head_of(response):
    return response.status, response.reason, {name: value for name, value in response.getheaders() if name != "Date"}


def test_libmicrohttpds_reply_is_tandems_but_for_the_name_of_the_server(tandem):
    with started("libmicrohttpd") as server:
        heads = []
        for one in (server, tandem):
            connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=20)
            connection.request("GET", "/plaintext")
            response = connection.getresponse()
            assert response.headers["Date"].endswith(" GMT")
            heads.append(head_of(response))
            connection.close()
    (*ours, our_fields), (*theirs, their_fields) = heads
    assert len(our_fields.pop("Server")) == len(their_fields.pop("Server"))
    assert (ours, our_fields) == (theirs, their_fields)


def test_libmicrohttpd_keeps_the_connection_whatever_is_asked_of_it():
    with started("libmicrohttpd") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for method, path, body, status in (
            ("GET", "/", None, 404),
            ("POST", "/plaintext", b"x" * 100_000, 405),
            ("GET", "/plaintext", b"GET / HTTP/1.1\r\n\r\n", 200),
            ("DELETE", "/plaintext", None, 405),
            ("GET", "/plaintext", None, 200),
        ):
            connection.request(method, path, body, {"Cookie": "x" * 600})
            sock = connection.sock
            response = connection.getresponse()
            answer = response.read()
            assert response.status == status, (method, path)
            assert (answer == b"Hello, World!") == (status == 200)
            assert response.headers["Allow"] == ("GET, HEAD" if status == 405 else None)
            assert connection.sock is sock
        connection.close()


@every_peer
def test_stops_on_sigterm_with_all_its_children(name):
    with started(name) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/plaintext")
        connection.getresponse().read()
        stop(server)
        assert not server.scratch.joinpath("error.log").exists() or not server.scratch.joinpath("error.log").read_text()
        server.log.seek(0)
        assert b"Traceback" not in server.log.read()
        connection.close()
    assert not server.scratch.exists()


@pytest.mark.parametrize("name", MORE_WORKERS)
def test_can_have_more_workers(name):
    options, environment = MORE_WORKERS[name]
    with started(name) as server:
        alone = len(process.family(server.process.pid))
    with started(name, *options, label="two", environment=environment) as server:
        assert server.name == "two"
        wait_until(lambda: len(process.family(server.process.pid)) >= max(alone + 1, 3))
        with ThreadPoolExecutor(8) as clients:
            assert set(clients.map(server.get, ["/json"] * 32)) == {(200, b'{"message":"Hello, World!"}')}
        stop(server)


@every_peer
def test_says_what_it_is_made_of(name):
    need(name)
    lines = peer.versions(name)
    assert lines and all(re.fullmatch(r"[\w-]+ \d+(\.\w+)+", line) for line in lines), lines
    if "requirements.txt" in os.listdir(PEERS / name):
        assert any(line.startswith("CPython 3.") for line in lines)


@every_peer
def test_describes_itself(name):
    about = tomllib.loads((PEERS / name / "peer.toml").read_text())
    assert {"title", "language", "about", "command", "workloads", "versions"} <= set(about)
    assert set(about["workloads"]) <= set(GOOD)


@every_peer
def test_its_packages_are_pinned_and_no_host_is_named(name):
    folder = PEERS / name
    pinned = [file for file in ("packages.txt", "requirements.txt", "package-lock.json") if (folder / file).exists()]
    assert len(pinned) == 1
    if pinned == ["requirements.txt"]:
        lines = [line for line in (folder / "requirements.txt").read_text().splitlines() if line[0] != "#"]
        assert lines and all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    if pinned == ["package-lock.json"]:
        assert '"resolved"' not in (folder / "package-lock.json").read_text()
        assert not re.search(r'": "[\^~*><]', re.sub(r'"node": ".*"', "", (folder / "package.json").read_text()))


@every_peer
def test_has_a_container_that_runs_what_the_comparison_runs(name):
    text = (PEERS / name / "Containerfile").read_text()
    assert re.search(rf"^#.* -f bench/peers/{name}/Containerfile .* bench/peers$", text, re.MULTILINE)
    assert re.search(r"^FROM \w+:\d+[\w.-]*$", text, re.MULTILINE)
    for instruction in ("LABEL org.opencontainers.image.", "USER ", "EXPOSE 8080\n", "HEALTHCHECK "):
        assert f"\n{instruction}" in text, instruction
    assert "USER root" not in text
    for sources in re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (PEERS / source).exists(), source
    options = [word for word in peer.describe(name)["command"] if word.startswith("--")]
    assert [option for option in options if f'"{option}"' not in text] == []
