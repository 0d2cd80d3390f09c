"""Common frameworks: the same app gives the same answers in each model and under gunicorn or uvicorn."""

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from json import loads
from pathlib import Path

import pytest
import requests

from bench.servers.listening import free_port

from support import APPS, SANITIZED, Server, wait_until

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="their C extensions are not sanitized, and slow beside it")

VENV = Path(sys.prefix)
WSGI = ("flask_app:app", "django_app:app", "falcon_app:app")
ASGI = ("fastapi_app:app", "starlette_app:app", "django_app:asgi")
OPTIONS = ("--app-dir", APPS, "--venv", str(VENV), "--max-body", "128MiB")
REFERENCES = {
    "gunicorn": ("-m", "gunicorn", "-k", "gthread", "--chdir", APPS, "-b"),
    "uvicorn": ("-m", "uvicorn", "--app-dir", APPS, "--log-level", "warning", "--port"),
}
FILE = bytes(range(256)) * 3000
LARGE = bytes(1 << 20) * 100


@contextmanager
def tandem(model, app):
    server = Server("--mode", model, *OPTIONS, app)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


@contextmanager
def reference(name, app):
    """Runs the app under gunicorn or uvicorn, and yields the URL."""
    port = free_port()
    where = f"127.0.0.1:{port}" if name == "gunicorn" else str(port)
    with subprocess.Popen(
        [sys.executable, *REFERENCES[name], where, app], env={**os.environ, "PYTHONPATH": ""}
    ) as process:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), 30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers(url):
    try:
        return requests.get(url, timeout=30).ok
    except requests.ConnectionError:
        return False


def told(response, *headers):
    shown = ("Content-Type", *headers)
    return response.status_code, {name: response.headers.get(name) for name in shown}, response.content


def conversation(url):
    """Asks all questions, and returns ``({name: answer}, cookies)``."""
    with requests.Session() as session:
        found = {
            "root": told(session.get(f"{url}/"), "Content-Length"),
            "query": told(session.get(f"{url}/query", params={"name": "é ü", "tag": ["a", "b&c"]})),
            "form": told(session.post(f"{url}/form", data={"first": "1 2", "second": "é=&"})),
            "json": told(session.post(f"{url}/json", json={"a": [1, None, "é"]})),
            "upload": told(session.post(f"{url}/upload", files={"file": ("été.bin", FILE)})),
            "download": told(session.get(f"{url}/download"), "Content-Length", "Content-Disposition"),
            "stream": told(session.get(f"{url}/stream")),
            "visits": [told(session.get(f"{url}/visits"), "Set-Cookie") for _ in range(3)],
            "error": told(requests.get(f"{url}/error"))[0],  # uvicorn closes the connection after it
            "missing": told(session.get(f"{url}/missing"))[:2],
            "head": told(session.head(f"{url}/download"), "Content-Length"),
            "wrong method": told(session.delete(f"{url}/query"), "Allow")[0],
            "body": told(session.post(f"{url}/body", data=LARGE)),
            "body in chunks": told(session.post(f"{url}/body", data=iter([LARGE[: 1 << 20]] * 3))),
        }
        cookies = dict(session.cookies)
    return found, cookies


def check(found, cookies):
    """Checks the parts of the answers that are the same in every framework."""
    digest = hashlib.sha256(LARGE).hexdigest()
    for name in ("root", "query", "form", "json", "upload", "download", "stream", "body"):
        assert found[name][0] == 200, (name, found[name])
    assert loads(found["root"][2]) == {"message": "Hello, World!"}
    assert loads(found["query"][2]) == {"name": "é ü", "tags": ["a", "b&c"]}
    assert loads(found["form"][2]) == {"first": "1 2", "second": "é=&"}
    assert loads(found["json"][2]) == {"got": {"a": [1, None, "é"]}}
    uploaded = {"name": "été.bin", "bytes": len(FILE), "sha256": hashlib.sha256(FILE).hexdigest()}
    assert loads(found["upload"][2]) == uploaded
    assert found["download"][2] == bytes(range(256)) * 4000
    assert found["stream"][2] == b"".join(b"piece %d\n" % number for number in range(5))
    assert (found["error"], found["missing"][0], cookies) == (500, 404, {"visits": "3"})
    assert loads(found["body"][2]) == {"bytes": len(LARGE), "sha256": digest}


def without_length(answer):
    """Removes the Content-Length, since one server may know the length and the other may not."""
    if isinstance(answer, tuple):
        return (answer[0], {**answer[1], "Content-Length": None}, *answer[2:])
    return answer


def compare(ours, theirs):
    for question, answer in theirs[0].items():
        assert without_length(ours[0][question]) == without_length(answer), question
    assert ours[1] == theirs[1]


@pytest.fixture(scope="module")
def expected():
    """``expected(server, app)`` returns the answers of the app under gunicorn or uvicorn, which is asked once."""
    known = {}

    def of(server, app):
        if app not in known:
            with reference(server, app) as url:
                known[app] = conversation(url)
        return known[app]

    return of


@pytest.mark.parametrize("model", ["py-inline", "py-threads", "py-subinterp"])
@pytest.mark.parametrize("app", WSGI)
def test_wsgi(expected, app, model):
    with tandem(model, app) as url:
        root = requests.get(f"{url}/", timeout=30)
        if model == "py-subinterp" and root.status_code == 501:
            pytest.skip(root.json()["error"])
        found, cookies = conversation(url)
    check(found, cookies)
    compare((found, cookies), expected("gunicorn", app))


@pytest.mark.parametrize("app", ASGI)
def test_asgi(expected, app):
    with tandem("py-asyncio", app) as url:
        found, cookies = conversation(url)
    check(found, cookies)
    compare((found, cookies), expected("uvicorn", app))


def test_a_thread_for_blocking_routes_serves_more_than_one():
    """anyio's threads live as long as the Task given to run_until_complete. Without one they live for one request."""
    with tandem("py-asyncio", "fastapi_app:app") as url:
        threads = {requests.get(f"{url}/thread", timeout=30).json() for _ in range(10)}
    assert len(threads) == 1


def test_an_endless_stream_ends_when_its_client_leaves():
    with tandem("py-asyncio", "starlette_app:app") as url:
        with requests.get(f"{url}/endless", stream=True, timeout=30) as response:
            assert next(response.iter_content(6)) == b"piece\n"
        wait_until(lambda: requests.get(f"{url}/ended", timeout=30).json() == 1)
