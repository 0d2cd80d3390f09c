"""The paths: every workload in every model, wrong paths and wrong methods, and the index."""

import json

import pytest

from support import MODELS

WORKLOADS = {
    "plaintext": ("text/plain", b"Hello, World!"),
    "json": ("application/json", b'{"message":"Hello, World!"}'),
    "sleep": ("application/json", b'{"slept_ms":10}'),
    "primes": ("application/json", b'{"n":10000,"primes":1229}'),
    "hash": ("application/json", None),
    "file": ("application/octet-stream", None),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_workload_without_parameters(compare, model, workload):
    content_type, expected = WORKLOADS[workload]
    status, headers, body = compare.get(f"/{model}/{workload}")
    assert (status, headers["Content-Type"]) == (200, content_type)
    assert expected is None or body == expected
    assert headers["Server"] == "tandem"
    assert headers["Date"].endswith(" GMT")
    assert int(headers["Content-Length"]) == len(body)


@pytest.mark.parametrize("model", MODELS)
def test_echo(compare, model):
    status, headers, body = compare.request("POST", f"/{model}/echo", b"\0\xff", {"Content-Type": "a/b; c=\xe9"})
    assert (status, headers["Content-Type"], body) == (200, "a/b; c=\xe9", b"\0\xff")
    status, headers, body = compare.request("POST", f"/{model}/echo")
    assert (status, headers["Content-Type"], body) == (200, "application/octet-stream", b"")
    long_type = "x/" + "y" * 1500
    status, headers, _ = compare.request("POST", f"/{model}/echo", b"", {"Content-Type": long_type})
    assert (status, headers["Content-Type"]) == (200, long_type)


@pytest.mark.parametrize(
    "path, error",
    [
        ("/nowhere", "no path /nowhere; / lists them"),
        ("/uv-loop/nowhere", "no workload nowhere; / lists them"),
        ("/uv-loop/app", "nothing is mounted here: tandem MODULE:ATTRIBUTE mounts an app"),
        ("/py-inline/app/", "nothing is mounted here: tandem MODULE:ATTRIBUTE mounts an app"),
        ("/uv-loop/native/a/b", "nothing is mounted here: --native FILE.so mounts a handler in C"),
        ("/uv-loop/apps", "no workload apps; / lists them"),
        ("/py-nothing/json", "no model py-nothing runs here; / lists them"),
        ("/json", "no path /json; / lists them"),
        ("/uv-loop/", "no workload ; / lists them"),
        ("/uv-loop/json/", "no workload json/; / lists them"),
        ("//json", "no model  runs here; / lists them"),
        ("/" + "a" * 5000, "no such path; / lists them"),
        ("/uv-loop/%ff", "no workload ?; / lists them"),
        ("/%22%0a%e2%82%ac/json", 'no model "\n€ runs here; / lists them'),
    ],
)
def test_not_found(compare, path, error):
    status, headers, body = compare.get(path)
    assert (status, headers["Content-Type"]) == (404, "application/json")
    assert json.loads(body) == {"error": error}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "FOO", "get"])
def test_wrong_method(compare, method):
    for path in ("/uv-loop/plaintext", "/stats", "/metrics", "/"):
        status, headers, body = compare.request(method, path)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")
        assert json.loads(body) == {"error": f"{method} is not served here; allowed: GET, HEAD"}


def test_wrong_method_for_echo(compare):
    status, headers, _ = compare.get("/uv-loop/echo")
    assert (status, headers["Allow"]) == (405, "POST")


def test_index(compare):
    status, _, body = compare.get("/")
    index = json.loads(body)
    assert status == 200
    assert list(index["models"]) == list(MODELS)
    assert set(index["workloads"]) == {*WORKLOADS, "echo"}
    assert index["workloads"]["sleep"] == {
        "method": "GET",
        "parameters": {"ms": {"min": 0, "max": 60000, "default": 10}},
    }
    assert index["workloads"]["file"]["parameters"] == {"size": {"one_of": ["4k", "64k", "1m"], "default": "4k"}}
    assert set(index["pages"]) == {
        *("/", "/stats", "/stats/marks/NAME", "/stats/stream", "/metrics", "/livez", "/readyz"),
    }
