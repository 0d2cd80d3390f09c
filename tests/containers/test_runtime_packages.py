"""containers/runtime_packages: the packages of a program's libraries, here those of the server."""

import os
import subprocess
from pathlib import Path

import pytest

from support import BINARY, SANITIZED

pytestmark = pytest.mark.skipif(bool(SANITIZED), reason="a sanitizer's library is in no image")

SCRIPT = Path(__file__).resolve().parents[2] / "containers" / "runtime_packages"


def test_the_servers_packages():
    packages = subprocess.run([SCRIPT, BINARY], capture_output=True, text=True, check=True).stdout.split()
    names = ("libc6", "libjansson", "libmicrohttpd", "libssl", "libuv1")
    assert len(packages) == len(names)
    for package, name in zip(packages, names, strict=True):
        assert package.startswith(name)


def test_a_library_of_no_package_fails(tmp_path):
    fake = tmp_path / "readelf"
    fake.write_text(
        "#!/bin/sh\necho ' 0x01 (NEEDED)  Shared library: [libnone.so.7]'\n"
        "echo ' 0x01 (NEEDED)  Shared library: [libc.so.6]'\n"
    )
    fake.chmod(0o755)
    result = subprocess.run(
        [SCRIPT, BINARY], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "libnone.so.7" in result.stderr
