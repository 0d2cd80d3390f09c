"""Writes the table of docs/models/py-subinterp.md: which packages of PyPI subinterpreters can import.

    build/venv/bin/python tests/packages.py

It installs the newest version of each package into a virtual environment of its own under build/packages, which takes
some minutes and one gigabyte, and asks ``tandem --check-app`` of the release build.
"""

import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib import metadata
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
TANDEM = TOP / "build" / "release" / "src" / "tandem"
DIRECTORY = TOP / "build" / "packages"
PAGE = TOP / "docs" / "models" / "py-subinterp.md"
BEGIN, END = "<!-- packages: begin -->\n", "<!-- packages: end -->\n"

# What is installed, and the modules that are imported.
PACKAGES = {
    "asyncpg": "asyncpg",
    "attrs": "attrs",
    "bcrypt": "bcrypt",
    "boto3": "boto3",
    "bottle": "bottle",
    "celery": "celery",
    "cffi": "_cffi_backend",
    "cryptography": "cryptography.fernet",
    "Cython": "Cython",
    "Django": "django.core.handlers.wsgi",
    "falcon": "falcon",
    "fastapi": "fastapi",
    "Flask": "flask",
    "gevent": "gevent",
    "greenlet": "greenlet",
    "grpcio": "grpc",
    "httpx": "httpx",
    "Jinja2": "jinja2",
    "lxml": "lxml.etree",
    "MarkupSafe": "markupsafe._speedups",
    "msgpack": "msgpack._cmsgpack",
    "msgspec": "msgspec",
    "numpy": "numpy",
    "orjson": "orjson",
    "pandas": "pandas",
    "pillow": "PIL.Image",
    "protobuf": "google.protobuf.message",
    "psutil": "psutil",
    "psycopg[binary]": "psycopg",
    "psycopg2-binary": "psycopg2",
    "pydantic": "pydantic",
    "pymongo": "pymongo",
    "pyramid": "pyramid.config",
    "PyYAML": "yaml._yaml",
    "redis": "redis",
    "regex": "regex",
    "requests": "requests",
    "scipy": "scipy.linalg",
    "sentry-sdk": "sentry_sdk",
    "simplejson": "simplejson._speedups",
    "SQLAlchemy": "sqlalchemy.orm",
    "ujson": "ujson",
    "uvloop": "uvloop",
    "Werkzeug": "werkzeug",
}


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)


def check(package):
    """Returns ``(version, result)``: "yes", or why not."""
    name = package.partition("[")[0]
    directory = DIRECTORY / name
    if not (directory / "pyvenv.cfg").exists():
        venv.create(directory, with_pip=False)
    site = directory / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    installed = run(sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--target", site, package)
    if installed.returncode:
        return "", f"not installed here: {installed.stderr.strip().splitlines()[-1]}"
    version = next(one.version for one in metadata.distributions(name=name, path=[str(site)]))
    (directory / "probe.py").write_text(
        f"import {PACKAGES[package]}\n\ndef app(environ, start_response):\n    return []\n"
    )
    checked = run(TANDEM, "--check-app", "probe:app", "--app-dir", directory, "--venv", directory)
    if checked.returncode:
        return version, checked.stderr.strip().splitlines()[-1]
    results = dict(line.split(maxsplit=1) for line in checked.stdout.splitlines())
    return version, results["py-subinterp"]


def main():
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(PACKAGES, pool.map(check, PACKAGES), strict=True))
    rows = [f"| {package} {version} | {result.removeprefix('no: ')} |" for package, (version, result) in found.items()]
    able = sum(result == "yes" for _, result in found.values())
    today = f"{datetime.now():%-d %B %Y}"
    python = run(TANDEM, "--version").stdout.partition("CPython ")[2].partition(",")[0]
    said = f"CPython {python}: {able} of these {len(found)} packages, in their versions of {today}."
    head = f"{said}\n\n| package | in a subinterpreter |\n|---|---|\n"
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    PAGE.write_text(before + BEGIN + head + "\n".join(rows) + "\n" + END + rest.split(END)[1])
    print(f"{able} of {len(found)} packages; written: {PAGE}")


if __name__ == "__main__":
    main()
