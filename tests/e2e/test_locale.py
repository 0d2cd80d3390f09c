"""An app may set the locale of the whole process. No byte on the wire may depend on it."""

import json
import re
import shutil
import subprocess

import pytest

from support import APPS, Server


@pytest.fixture(scope="module")
def locales(tmp_path_factory):
    """A directory with a German and a Turkish locale. Numbers have a comma; in Turkish, i and I are no pair."""
    directory = tmp_path_factory.mktemp("locales")
    for name in ("de_DE", "tr_TR"):
        if not shutil.which("localedef"):
            pytest.skip("there is no localedef")
        made = subprocess.run(
            ["localedef", "-i", name, "-f", "UTF-8", directory / f"{name}.UTF-8"], capture_output=True, text=True
        )
        if made.returncode:
            pytest.skip(f"the sources of the locale are not here: {made.stderr}")
    return directory


@pytest.fixture(params=["de_DE", "tr_TR"])
def app(request, locales, monkeypatch):
    monkeypatch.setenv("LOCPATH", str(locales))
    monkeypatch.setenv("LC_ALL", f"{request.param}.UTF-8")
    server = Server("--mode", "py-threads", "--server-timing", "--app-dir", APPS, "locale_app:app")
    yield server
    server.stop()


def test_names_of_headers_have_no_locale(app):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTRANSFER-ENCODING: CHUNKED\r\nif-match: *\r\nCONNECTION: CLOSE\r\n\r\n"
    answer = app.raw(head + b"4\r\nbody\r\n0\r\n\r\n")
    shown = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (shown["body"], shown["HTTP_IF_MATCH"], shown["half"]) == ("body", "*", "0,5")
    assert answer.count(b"Content-Length: 200\r\n") == 1 and b"TRAILER" not in answer


def test_numbers_have_a_point(app):
    timing = app.get("/")[1]["Server-Timing"]
    assert re.fullmatch(r"(\w+;dur=\d+\.\d+, ){3}\w+;dur=\d+\.\d+", timing), timing
    samples = [line for line in app.get("/_tandem/metrics")[2].decode().splitlines() if not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= 0 for line in samples)
    assert "," not in re.sub(r",(?!\d)", "", app.stats()["models"]["py-threads"]["bound_by"]["because"])
