"""Runs the static checks of ``./dev lint``.

Prints a line for each check, followed by the check's findings. The exit status is 1 if there is any finding.

The compiler's warnings are not among the checks. Every build prints them, and under CI they are errors.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import documented
import floors
import owners

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "build" / "test"
VENV = TOP / "build" / "venv" / "bin"
CONNECTION = TOP / "src" / "http" / "connection"
QUEUE = sorted(Path("/usr/include").glob("*/sys/queue.h")) or [Path("/usr/include/sys/queue.h")]
LINES_MAX = 500
SCRIPTS = ("containers/check", "containers/runtime_packages", "containers/wrk/load")  # beside dev and .ci/run

# The folders of src/ from the ground up. A folder includes and calls only itself and the floors below it. Folders of
# one floor know nothing of each other. "app" stands for the files in src/ itself.
FLOORS = (
    ("base",),
    ("config", "reload"),
    ("core",),
    ("stream", "dispatch", "workloads", "stats", "native"),
    ("pages",),
    ("http/parse", "http/routing", "python/interp"),
    ("http/connection", "python/app", "python/workloads"),
    ("http/accept", "http/accounting", "python/wsgi", "python/asgi"),
    ("http/wire", "python/workers"),
    ("http/request", "models"),
    ("http/websocket",),
    ("http/exchange",),
    ("http/io_thread",),
    ("server",),
    ("app",),
)

# The other parts of src/ that each part may include from. A part is a top-level folder. FLOORS sets the order.
MAY_INCLUDE = {
    "base": set(),
    "config": {"base"},
    "core": {"base", "config"},
    "stream": {"base", "core"},
    "dispatch": {"base", "config", "core"},
    "workloads": {"base", "core"},
    "http": {"base", "config", "core", "stream"},
    "python": {"base", "config", "core", "stream", "dispatch"},
    "native": {"base", "core"},
    "reload": {"base"},
    "stats": {"base", "config", "core"},
    "pages": {"base", "config", "core", "stats"},
    "models": {"base", "config", "core", "dispatch", "python"},
    "server": {"base", "config", "core", "workloads", "http", "python", "native", "reload", "stats", "pages", "models"},
    "app": {"base", "config", "http", "python", "reload", "models", "server"},
}

# Headers that only some files may include. The patterns match the beginning of a path below src/.
OWNED_HEADERS = {
    "Python.h": [r"python/", r"models/py_"],
    "microhttpd.h": [r"http/"],
    "tandem/handler.h": [r"native/"],
    "openssl/": [r"workloads/", r"http/websocket/handshake\.c", r"main\.c", r"server/server\.c"],
    "wslay/": [r"http/websocket/frames\.h"],
}


def tracked(*patterns):
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        capture_output=True,
        text=True,
        check=True,
        cwd=TOP,
    )
    return sorted(name for name in set(listing.stdout.split()) if (TOP / name).exists())


def run(*command):
    """Returns the output of the command if it fails, else an empty string."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=TOP)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def run_each(command, names):
    """Runs the command once for each file, on all cores. Returns the outputs of the failed ones."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return "".join(pool.map(lambda name: run(*command, name), names))


def includes_of(name):
    for number, line in enumerate((TOP / name).read_text().splitlines(), 1):
        match = re.match(r"\s*#\s*include\s*[<\"]([^>\"]+)[>\"]", line)
        if match:
            yield number, match[1]


def check_includes():
    findings = []
    for name in tracked("src/*.c", "src/*.h"):
        below = Path(name).relative_to("src")
        folder = below.parts[0] if len(below.parts) > 1 else "app"
        for number, header in includes_of(name):
            other = header.split("/")[0]
            if "/" in header and other in MAY_INCLUDE and other != folder and other not in MAY_INCLUDE[folder]:
                findings.append(f"{name}:{number}: src/{folder} may not include {header}")
            for owned, patterns in OWNED_HEADERS.items():
                if header.startswith(owned) and not any(re.match(pattern, str(below)) for pattern in patterns):
                    findings.append(f"{name}:{number}: {header} is not for src/{below}")
    return "".join(finding + "\n" for finding in findings)


def check_floors():
    src = TOP / "src"
    calls = floors.calls(floors.symbols_of(BUILD, src))
    findings = [floors.text_of_ring(ring, calls, "calls") for ring in floors.rings(calls)]
    for arrows, verb in ((floors.includes(src), "includes"), (calls, "calls")):
        for file, above in floors.upward(arrows, FLOORS):
            findings.append(f"src/{file} {verb} {', '.join(sorted(arrows[file][above]))} of src/{above}, upward\n")
    return "".join(findings)


def check_owners():
    sources = tracked("src/http/*.c")
    files = [(str(Path(name).relative_to("src")), (TOP / name).read_text()) for name in sources]
    writes = owners.foreign_writes(files, (CONNECTION / "connection.h").read_text())
    return "".join(f"src/{file}:{line}: only src/{owner} writes {field}\n" for file, line, field, owner in writes)


def check_documented():
    findings = documented.differences_of_drawings(
        (TOP / "docs" / "connection.md").read_text(), (CONNECTION / "transition.c").read_text()
    )
    callbacks = documented.differences_of_callbacks((TOP / "docs" / "sources.md").read_text(), TOP / "src")
    statistics = documented.differences_of_statistics(
        (TOP / "docs" / "stats.md").read_text(), (TOP / "src" / "stats" / "statistics.c").read_text()
    )
    return "".join(f"{finding}\n" for finding in [*findings, *callbacks, *statistics])


def check_locales():
    """An app may set the locale of the whole process, so no protocol may be parsed with functions that depend on it."""
    findings = []
    for name in tracked("src/*.c", "src/*.h"):
        for number, line in enumerate((TOP / name).read_text().splitlines(), 1):
            if found := re.search(r"\b(strn?casecmp|tolower|toupper|isalpha|isalnum|isspace)\(", line):
                findings.append(f"{name}:{number}: {found[1]} depends on the locale: see base/ascii.h\n")
    return "".join(findings)


def guard_findings(name, text):
    """The header's include guard is its path: a copied guard would hide one of two headers."""
    guard = "TANDEM_" + re.sub(r"\W", "_", name.removeprefix("src/").removeprefix("include/tandem/")).upper()
    found = re.search(r"^#ifndef (\w+)$", text, re.MULTILINE)
    if found and found[1] == guard:
        return ""
    return f"{name}: its include guard is {found[1] if found else 'missing'} instead of {guard}\n"


def check_guards():
    return "".join(guard_findings(name, (TOP / name).read_text()) for name in tracked("src/*.h", "include/*.h"))


def check_lengths():
    long = []
    for name in tracked("*.c", "*.h", "*.py", "dev"):
        lines = (TOP / name).read_text().count("\n")
        if lines > LINES_MAX:
            long.append(f"{name}: {lines} lines, more than {LINES_MAX}: it is two things\n")
    return "".join(long)


def checks():
    sources = tracked("*.c")
    yield "include rules", check_includes
    yield "floors", check_floors
    yield "owners of fields", check_owners
    yield "drawings and lists in docs", check_documented
    yield "locales", check_locales
    yield "include guards", check_guards
    yield "file lengths", check_lengths
    yield "clang-format", lambda: run("clang-format", "--dry-run", "-Werror", *sources, *tracked("*.h"))
    yield "clang-tidy", lambda: run_each(("clang-tidy", "--quiet", "-p", BUILD), sources)
    yield (
        "cppcheck",
        lambda: run(
            "cppcheck",
            "--quiet",
            "--enable=warning,performance,portability",
            "--inline-suppr",
            "--error-exitcode=1",
            "--std=c11",
            "--suppress=missingIncludeSystem",
            *(f"--include={header}" for header in QUEUE),  # cppcheck reads no other header of the system
            "-Isrc",
            "-Iinclude",
            "src",
            "bench",
        ),
    )
    yield "ruff check", lambda: run(VENV / "ruff", "check", ".")
    yield "ruff format", lambda: run(VENV / "ruff", "format", "--check", ".")
    yield "hadolint", lambda: run(VENV / "hadolint", *tracked("*Containerfile"))
    yield "shellcheck", lambda: run("shellcheck", *tracked("dev", ".ci/run", *SCRIPTS))


def main():
    failed = 0
    for name, check in checks():
        findings = check()
        print(f"  {name}: {'failed' if findings else 'ok'}", flush=True)
        if findings:
            failed += 1
            print(findings, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
