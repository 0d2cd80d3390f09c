"""The same request gets the same status, body and Content-Type in every model, byte for byte."""

import hashlib
import json

import pytest

from support import MODELS, listed

PATHS = [
    "plaintext",
    "plaintext?",
    "plaintext?x=1&y",
    "json",
    "echo",
    "sleep?ms=0",
    "sleep?ms=1",
    "sleep?ms=%31",
    "sleep?m%73=1",
    "sleep?ms=00001",
    "sleep?ms=1&other=2",
    "sleep?ms=",
    "sleep?ms",
    "sleep?ms=-1",
    "sleep?ms=+1",
    "sleep?ms=1.5",
    "sleep?ms=1e3",
    "sleep?ms=60001",
    "sleep?ms=99999999999999999999999999",
    "sleep?ms=1&ms=2",
    "sleep?ms=%00",
    "sleep?ms=%zz",
    "sleep?ms=" + "1" * 300,
    "sleep?MS=1",
    "sleep?&&ms=1&&",
    "primes?n=1",
    "primes?n=2",
    "primes?n=3",
    "primes?n=4",
    "primes?n=9",
    "primes?n=25",
    "primes?n=7919",
    "primes?n=0",
    "primes?n=5000001",
    "hash?kib=1",
    "hash?kib=63&rounds=3",
    "hash?kib=64&rounds=1",
    "hash?kib=65&rounds=2",
    "hash?kib=1000&rounds=2",
    "hash?rounds=1000&kib=1",
    "hash?kib=0",
    "hash?kib=16385",
    "hash?rounds=0",
    "hash?rounds=1001",
    "hash?kib=x&rounds=y",
    "file",
    "file?size=4k",
    "file?size=64k",
    "file?size=1m",
    "file?size=4K",
    "file?size=",
    "file?size=4k&size=4k",
    "nothing",
]

BODIES = {
    "empty": (b"", None),
    "text": (b"hello", "text/plain"),
    "binary": (bytes(range(256)) * 10, "application/octet-stream"),
    "form": (b"a=b&c=d", "application/x-www-form-urlencoded"),
    "json": (b'{"a": [1, 2]}', "application/json; charset=utf-8"),
    "no type": (b"x", None),
    "odd type": (b"x", 'multipart/form-data; boundary="--\xfc=;,"'),
    "large": (b"0123456789abcdef" * 65536, "x/y"),
}


def test_every_workload_is_among_them():
    assert {workload["name"] for workload in listed("--workloads")} <= {path.partition("?")[0] for path in PATHS}


def same_everywhere(server, method, path, body=None, headers=None):
    answers = {}
    for model in MODELS:
        status, got, content = server.request(method, f"/{model}/{path}", body, headers)
        answers[model] = (status, got["Content-Type"], got["Allow"], content.replace(model.encode(), b"MODEL"))
    assert len(set(answers.values())) == 1, {model: answer[:3] for model, answer in answers.items()}
    return answers[MODELS[0]]


@pytest.mark.parametrize("path", PATHS)
def test_get(compare, path):
    status, content_type, _, body = same_everywhere(compare, "GET", path)
    if status != 200:
        assert content_type == "application/json"
        assert json.loads(body)["error"]


@pytest.mark.parametrize("path", PATHS)
def test_head(compare, path):
    assert same_everywhere(compare, "HEAD", path)[3] == b""


@pytest.mark.parametrize("name", BODIES)
def test_post(compare, name):
    body, content_type = BODIES[name]
    headers = {"Content-Type": content_type} if content_type else {}
    answer = same_everywhere(compare, "POST", "echo", body, headers)
    assert answer == (200, content_type or "application/octet-stream", None, body)


def test_what_the_answers_should_be(compare):
    """Parity alone would also hold if all models were wrong in the same way."""
    assert same_everywhere(compare, "GET", "primes?n=7919")[3] == b'{"n":7919,"primes":1000}'
    block = bytes(range(256)) * 4 * 65
    digest = hashlib.sha256(block * 2).hexdigest()
    assert same_everywhere(compare, "GET", "hash?kib=65&rounds=2")[3] == b'{"sha256":"%s"}' % digest.encode()
    for size, length in (("4k", 4096), ("64k", 65536), ("1m", 1048576)):
        assert len(same_everywhere(compare, "GET", f"file?size={size}")[3]) == length
