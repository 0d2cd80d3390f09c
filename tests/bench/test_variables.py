"""The user's environment variables that the measured servers see."""

import os
from pathlib import Path

from bench.machine import variables
from bench.servers.tandem import Tandem


def test_what_changes_a_server_is_kept_from_it():
    of_user = {
        "HOME": "/home/me",
        "TANDEM_THREADS": "9",
        "VIRTUAL_ENV": "/venv",
        "PYTHONPATH": "/x",
        "NODE_OPTIONS": "-v",
    }
    assert variables.for_servers(of_user | {"PATH": "/usr/bin"}) == {"HOME": "/home/me", "PATH": "/usr/bin"}
    assert (
        variables.kept_out(of_user) == "the servers are started without your NODE_OPTIONS, TANDEM_THREADS, VIRTUAL_ENV"
    )
    assert variables.kept_out({"HOME": "/home/me", "PYTHONPATH": "/x"}) is None


def test_an_activated_environment_is_not_on_the_path(tmp_path):
    (tmp_path / "pyvenv.cfg").touch()
    found = variables.for_servers({"PATH": os.pathsep.join((str(tmp_path / "bin"), "/usr/bin", "/bin"))})
    assert found == {"PATH": "/usr/bin:/bin"}


def test_tandem_is_started_without_them(monkeypatch):
    monkeypatch.setenv("TANDEM_THREADS", "9")
    monkeypatch.setenv("LANGUAGE_OF_THE_USER", "de")
    with Tandem("py-threads") as server:
        names = {
            one.split(b"=")[0].decode() for one in Path(f"/proc/{server.process.pid}/environ").read_bytes().split(b"\0")
        }
        assert "LANGUAGE_OF_THE_USER" in names
        assert variables.change_servers(names) == []
        assert server.stats()["models"]["py-threads"]["threads"] == 4
