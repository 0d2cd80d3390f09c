"""containers/runtime_packages lists the packages of a program's libraries. Here it lists those of the server."""

import os
import subprocess
from pathlib import Path

import pytest

from support import BINARY, SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer's library is in no image")

SCRIPT = Path(__file__).resolve().parents[2] / "containers" / "runtime_packages"


def test_the_servers_packages():
    packages = subprocess.run([SCRIPT, BINARY], capture_output=True, text=True, check=True).stdout.split()
    names = ("libc6", "libjansson", "libmicrohttpd", "libssl", "libuv1", "libwslay1")
    assert len(packages) == len(names)
    for package, name in zip(packages, names, strict=True):
        assert package.startswith(name)


@pytest.fixture
def packages_of(tmp_path):
    """Runs the script for a program that needs these libraries. A script may replace dpkg-query."""

    def run(libraries, dpkg_query=None):
        (tmp_path / "needed").write_text("".join(f" 0x01 (NEEDED)  Shared library: [{one}]\n" for one in libraries))
        commands = {"readelf": f"cat {tmp_path}/needed"}
        if dpkg_query:
            commands["dpkg-query"] = dpkg_query
        for name, script in commands.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run([SCRIPT, "program"], env=environment, capture_output=True, text=True)

    return run


def test_a_library_of_no_package_fails(packages_of):
    result = packages_of(["libnone.so.7", "libc.so.6"])
    assert result.returncode != 0
    assert "libnone.so.7" in result.stderr


def test_cpythons_is_not_looked_for(packages_of):
    result = packages_of(["libpython3.12.so.1.0", "libc.so.6"])
    assert (result.returncode, result.stdout) == (0, "libc6\n")


def test_a_diversion_is_no_package(packages_of):
    result = packages_of(
        ["libc.so.6"], "echo 'diversion by usr-is-merged from: /lib32'; echo 'libc6:amd64: /usr/lib/libc.so.6'"
    )
    assert (result.returncode, result.stdout) == (0, "libc6\n")
