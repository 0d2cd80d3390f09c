"""meson install into a prefix: the binary there runs by itself, and a prefix that is moved still does."""

import shutil
import subprocess
from pathlib import Path

from support import MODELS


def test_installed(serve, tmp_path, installed):
    prefix = installed(tmp_path / "one")
    moved = tmp_path / "two"
    shutil.move(prefix.directory, moved)
    server = serve("--mode", "compare", binary=str(moved / "bin" / "tandem"))
    for model in MODELS:
        assert server.get(f"/{model}/json")[2] == b'{"message":"Hello, World!"}'
    maps = Path(f"/proc/{server.pid}/maps").read_text()
    assert str(moved / "bin" / "tandem") in maps
    server.stop()


def test_its_python_code_comes_from_the_prefix(serve, tmp_path, installed):
    prefix = installed(tmp_path)
    (prefix.python_source / "tandem" / "workloads" / "plaintext.py").write_text(
        "def run():\n    return 'text/plain', __file__.encode()\n"
    )
    server = serve("--mode", "py-threads", binary=prefix.binary)
    assert server.get("/plaintext")[2].decode() == str(prefix.python_source / "tandem" / "workloads" / "plaintext.py")


def test_without_its_python_code(tmp_path, installed):
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    (workloads / "__init__.py").write_text("raise ValueError('spoilt')\n")
    result = subprocess.run([prefix.binary, "--mode", "py-inline", "--port", "0"], capture_output=True, text=True)
    assert result.returncode == 1
    assert "ValueError: spoilt" in result.stderr
    last_line = result.stderr.splitlines()[-1]
    assert last_line == f"tandem: the Python package tandem.workloads in {prefix.python_source} cannot be imported"


def test_a_form_that_cannot_be_imported_is_501(serve, tmp_path, installed):
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    (workloads / "hash.py").write_text("import no_such_library\n")
    server = serve("--mode", "compare", binary=prefix.binary)
    for model in ("py-inline", "py-threads"):
        status, _, body = server.get(f"/{model}/hash")
        assert status == 501
        assert b"No module named 'no_such_library'" in body
    assert server.get("/uv-loop/hash")[0] == 200
    assert server.get("/py-threads/json")[0] == 200
    assert server.rejected("unsupported") == 2


def test_a_form_that_raises_is_500(serve, tmp_path, installed):
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    (workloads / "json.py").write_text("def run():\n    raise RuntimeError('not today')\n")
    (workloads / "plaintext.py").write_text("def run():\n    return 'text/plain', 'not bytes'\n")
    (workloads / "hash.py").write_text("import sys\n\ndef run(kib, rounds):\n    sys.exit(3)\n")
    (workloads / "sleep.py").write_text("1 / 0\n")
    server = serve("--mode", "compare:py-inline,py-threads", "--log-format", "json", binary=prefix.binary)
    for model in ("py-inline", "py-threads"):
        for path in ("json", "plaintext", "hash", "sleep"):
            assert server.get(f"/{model}/{path}")[0] == 500
        assert server.get(f"/{model}/primes?n=10")[0] == 200
    log = server.log()
    for text in ("RuntimeError: not today", "TypeError: a workload returns", "SystemExit: 3", "ZeroDivisionError"):
        assert log.count(text) == 2
    assert server.rejected("handler_error") == 8
