"""meson install into a prefix. The binary there runs by itself, also after the prefix was moved."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import INCLUDE, MODELS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PYTHON = [model for model in MODELS if model.startswith("py-")]


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


def example(document):
    """Returns the C source in a document, and the command that builds it."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", document, re.MULTILINE)
    (source,) = (block for block in blocks if "#include <tandem/handler.h>" in block)
    (command,) = re.findall(r"^    (gcc .*)$", document, re.MULTILINE)
    return re.sub("^    ", "", source, flags=re.MULTILINE), command


def test_the_documented_handler_by_the_documented_line(serve, tmp_path, installed):
    prefix = installed(tmp_path / "one")
    moved = tmp_path / "two"
    shutil.move(prefix.directory, moved)
    source, command = example((DOCS / "native.md").read_text())
    (tmp_path / "hello.c").write_text(source)
    (pkgconfig,) = (file.parent for file in moved.rglob("tandem.pc"))
    subprocess.run(command, shell=True, cwd=tmp_path, env={**os.environ, "PKG_CONFIG_PATH": str(pkgconfig)}, check=True)
    options = ("--mode", "compare:uv-loop,uv-pool", "--native", str(tmp_path / "hello.so"))
    server = serve(*options, binary=str(moved / "bin" / "tandem"))
    for model in ("uv-loop", "uv-pool"):
        status, headers, body = server.get(f"/{model}/native/W%6frld")
        assert (status, headers["Content-Type"], body) == (200, "text/plain; charset=utf-8", b"Hello, World!\n")
        assert server.get(f"/{model}/native")[2] == server.get(f"/{model}/native/")[2] == b"Hello, World!\n"


def test_the_documented_handler_has_no_warnings(tmp_path):
    source, command = example((DOCS / "native.md").read_text())
    (tmp_path / "hello.c").write_text(source)
    strict = command.replace(
        "$(pkg-config --cflags tandem)", f"-I{INCLUDE} -std=gnu99 -Wall -Wextra -Wpedantic -Werror"
    )
    subprocess.run(strict, shell=True, cwd=tmp_path, check=True)


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


def test_a_variant_that_cannot_be_imported_is_501(serve, tmp_path, installed):
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    (workloads / "hash.py").write_text("import no_such_library\n")
    server = serve("--mode", "compare", binary=prefix.binary)
    for model in PYTHON:
        status, _, body = server.get(f"/{model}/hash")
        assert status == 501
        assert f"{model} cannot run hash: ModuleNotFoundError: No module named 'no_such_library'".encode() in body
        assert server.get(f"/{model}/json")[0] == 200
    assert server.get("/uv-loop/hash")[0] == 200
    assert server.rejected("unsupported") == len(PYTHON)


def test_a_variant_that_raises_is_500(serve, tmp_path, installed):
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    start = "\n\nasync def start(*arguments):\n    return run(*arguments)\n"
    (workloads / "json.py").write_text("def run():\n    raise RuntimeError('not today')" + start)
    (workloads / "plaintext.py").write_text("def run():\n    return 'text/plain', 'not bytes'" + start)
    (workloads / "hash.py").write_text("import sys\n\ndef run(kib, rounds):\n    sys.exit(3)" + start)
    (workloads / "sleep.py").write_text("1 / 0\n")
    server = serve("--mode", "compare", "--log-format", "json", binary=prefix.binary)
    for model in PYTHON:
        for path in ("json", "plaintext", "hash", "sleep"):
            assert server.get(f"/{model}/{path}")[0] == 500
        assert server.get(f"/{model}/primes?n=10")[0] == 200
    log = server.log()
    for text in ("RuntimeError: not today", "TypeError: a workload returns", "SystemExit: 3", "ZeroDivisionError"):
        failures = [line for line in log.splitlines() if text in line and " failed: " in line]
        assert len(failures) == len(PYTHON)
    assert server.rejected("handler_error") == 4 * len(PYTHON)


def test_what_refuses_subinterpreters_is_501_there(serve, tmp_path, installed):
    """ctypes refuses subinterpreters.

    C functions with keyword arguments do no harm if a subinterpreter is the first to call them.
    """
    prefix = installed(tmp_path)
    workloads = prefix.python_source / "tandem" / "workloads"
    (workloads / "json.py").write_text("import ctypes\n\ndef run():\n    return 'text/plain', b'has it'\n")
    (workloads / "plaintext.py").write_text(
        "import sqlite3\n\ndef run():\n"
        "    sqlite3.connect(':memory:', timeout=2.0).close()\n    return 'text/plain', b'has it'\n"
    )
    server = serve("--mode", "compare:py-threads,py-subinterp", binary=prefix.binary)
    for _ in range(40):
        assert server.get("/py-subinterp/plaintext")[2] == b"has it"
    status, _, body = server.get("/py-subinterp/json")
    if sys.version_info < (3, 13):
        assert status == 501
        assert b"py-subinterp cannot run json: ImportError: module _ctypes does not support loading in sub" in body
    assert server.get("/py-threads/json")[2] == b"has it"
