"""Selects the tests of ``./dev test --changed``: the smoke and parity tests, and those nearest to the changed files.

A C source selects the suites that mirror it, then those that reach its header by the fewest includes, SUITES_MAX in
all. The table below names the parts of e2e/ that test a source from outside. A helper or an app of the tests selects
the tests that name it.

The C suites, the smoke test and the parity test run under both sanitizers, e2e/ under AddressSanitizer. The suites of
bench/ and containers/, and the tests that the sanitizers skip, run on the plain build.

    python tests/changed.py =COMMIT     prints the builds that are needed
"""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
TESTS = TOP / "tests"
SMOKE = {"e2e/test_smoke.py", "parity/test_parity.py"}
LEFT_OUT = "left out, since the time of --changed is over"
SUITES_MAX = 24  # for one file: all suites would take longer than the two minutes

# The parts of e2e/ that test a source from outside. A pattern matches the beginning of the source's path.
SEEN_BY = {
    r"src/http/websocket/": ["websocket*"],
    r"src/http/": ["connections", "rejections", "framing"],
    r"src/http/(wire|exchange|connection|request/refusal)": ["wire*"],
    r"src/http/(io_thread|exchange|connection|accept)/|src/http/request/request_filter": ["busy_loop", "drain"],
    r"src/http/(exchange/response|request/body_reader)": ["wsgi_bodies", "asgi"],
    r"src/server/healthcheck": ["healthcheck"],
    r"src/http/accounting/server_timing": ["server_timing"],
    r"src/dispatch/|src/core/(inbox|loop|request)": ["handoff", "loops"],
    r"src/stream/(pipe|request_streams)|src/core/stream": ["wsgi_bodies", "asgi"],
    r"src/stream/ws_": ["websocket"],
    r"src/config/": ["command_line"],
    r"src/base/(fork|own_fds)|src/python/interp/fork_child": ["fork"],
    r"src/base/signals|src/server/(control|exit|first)|src/python/interp/ending|pysrc/tandem/(process|ending)": [
        "signals"
    ],
    r"src/main|src/python/interp/ending|pysrc/tandem/process": ["streams"],
    r"src/http/routing/router|src/server/mounts": ["pages", "paths"],
    r"src/server/check_app|src/python/interp/(slot|module_lock|error)|pysrc/tandem/subinterpreter": ["check_app"],
    r"src/http/connection/disconnect_watch": ["dropped"],
    r"src/python/wsgi/|pysrc/tandem/(wsgi|app)": ["wsgi", "wsgi_bodies"],
    r"src/python/asgi/|pysrc/tandem/(asgi|app)": ["asgi", "websocket", "coroutines", "lifespan"],
    r"pysrc/tandem/app": ["interfaces"],
    r"src/python/(workers/(event_loop|task)|asgi/ready)|pysrc/tandem/asyncio": ["asyncio", "asgi"],
    r"src/python/(app/|interp/(runtime|interpreter|module_dir))": ["app_loading", "wsgi", "asgi", "gc_threshold"],
    r"src/python/(interp/(gil|thread)|workers/worker_threads)|src/models": ["handoff", "stats"],
    r"src/native|include": ["native", "native_loading"],
    r"src/(reload|server/reloader)": ["reload", "reload_trouble"],
    r"src/(stats|pages)": ["stats", "marks", "metrics", "stream"],
    r"(src|pysrc/tandem)/workloads": ["paths"],
    r"src/(main|server/)": ["command_line", "admin", "drain"],
    r"dev$|meson|tests/meson": ["dev"],
}


class Unknown(Exception):
    """git cannot tell what has changed."""


def git(*arguments):
    result = subprocess.run(["git", *arguments], cwd=TOP, capture_output=True, text=True)
    if result.returncode != 0:
        raise Unknown(result.stderr.strip())
    return result.stdout


def names(*arguments):
    """Returns the files that a git command lists. A renamed file has both its names."""
    return {name for name in git(*arguments, "-z").split("\0") if name}


def check_commit(commit):
    try:
        git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    except Unknown:
        raise Unknown(f"{commit!r} is no commit of this clone; give one: --changed=HEAD~3") from None


def changed_files(commit):
    """Returns ``(files, commit)``: the files that have changed since the commit, sorted.

    Without a commit, these are the changes since HEAD. If there are none, these are the changes of the last commit.
    """
    check_commit(commit or "HEAD")
    new = names("ls-files", "--others", "--exclude-standard")
    diff = ("diff", "--name-only", "--no-renames")
    if commit:
        return sorted(names(*diff, commit) | new), commit
    found = sorted(names(*diff, "HEAD") | new)
    return (found, "HEAD") if found else (sorted(names(*diff, "HEAD^", "HEAD")), "HEAD^")


def c_suites():
    """Returns the paths of all C suites below tests/."""
    return {path.relative_to(TESTS) for path in TESTS.rglob("test_*.c")}


def includers():
    """Returns ``{header: the files that include it}``. All paths are relative to the repository's top."""
    found = {}
    for path in (path for folder in ("src", "tests", "include", "bench") for path in (TOP / folder).rglob("*.[ch]")):
        for header in re.findall(r'^\s*#\s*include [<"]([^>"]+)[>"]', path.read_text(), re.M):
            for place in (path.parent, TOP / "src", TOP / "tests", TOP / "include"):
                if (place / header).exists():
                    included = (place / header).resolve().relative_to(TOP)
                    found.setdefault(included, set()).add(path.relative_to(TOP))
                    break
    return found


def mirrors(below, suites):
    """Returns the suites that mirror a file: test_NAME.c and test_NAME_*.c."""
    stem = f"test_{below.stem}"
    return {suite for suite in suites if suite.parent == below.parent and re.fullmatch(rf"{stem}(_.*)?", suite.stem)}


def c_suites_of(name, suites, included_by):
    """Returns the suites of a C file, the nearest first.

    Its own suites come first, then those that reach its header by the fewest includes.
    """
    path = Path(name)
    below = path.relative_to(path.parts[0]) if path.parts[0] in ("src", "tests", "bench") else path
    if path.parts[0] == "tests" and below in suites:
        return [below]
    found = sorted(mirrors(below, suites))
    if path.parts[:2] == ("bench", "load"):
        found += sorted(suite for suite in suites if suite.parent.name == "bench")
    reached = ring = {path.with_suffix(".h")}
    while ring and len(found) < SUITES_MAX:
        # A file that includes the header of a source depends on the source.
        ring = {user for header in ring for user in included_by.get(header.with_suffix(".h"), ())} - reached
        reached |= ring
        of_ring = set()
        for user in ring:
            below = user.relative_to(user.parts[0])
            of_ring |= {below} & suites if user.parts[0] == "tests" else mirrors(below, suites)
        found += sorted(of_ring - set(found))
    return found[:SUITES_MAX]


def e2e_of(name):
    wanted = {pattern for start, patterns in SEEN_BY.items() if re.match(start, name) for pattern in patterns}
    found = {str(path.relative_to(TESTS)) for pattern in wanted for path in TESTS.glob(f"e2e/test_{pattern}.py")}
    if re.match("(src|pysrc/tandem)/workloads", name):
        found.add("parity/test_parity.py")
    return found


def tests_with(pattern):
    found = (path for path in TESTS.glob("*/test_*.py") if re.search(pattern, path.read_text(), re.M))
    return {str(path.relative_to(TESTS)) for path in found}


def bench_tests_of(name):
    """Returns the tests named after a file of bench/, else those named after its folder, else all of tests/bench/."""
    path = Path(name)
    folder = path.parts[1] if len(path.parts) > 2 else path.stem
    for pattern in (path.stem, path.stem.rstrip("s"), folder, folder.rstrip("s"), ""):
        if found := {str(found.relative_to(TESTS)) for found in TESTS.glob(f"bench/test_{pattern}*.py")}:
            return found
    return set()


def python_tests_of(name):
    path = Path(name)
    if re.fullmatch(r"README\.md|docs/(results|claims)\.json|docs/throughput\.svg", name):
        return {"bench/test_readme.py"}
    if re.fullmatch(r"tests/(e2e|parity|bench|containers)/test_[^/]*\.py", name):
        return {name.removeprefix("tests/")}
    if path.parts[0] == "containers":
        return {str(path.relative_to(TESTS)) for path in TESTS.glob("containers/test_*.py")}
    if path.parts[0] == "bench" and path.suffix not in (".c", ".h"):
        return bench_tests_of(name)
    if path.parts[:2] == ("tests", "apps"):
        return tests_with(rf"\b{re.escape(path.stem)}\b")
    if path.parts[0] == "tests" and path.suffix == ".py" and path.stem != "support":  # which every test imports
        return tests_with(rf"^(from|import) {re.escape(path.stem)}\b")
    return e2e_of(name)


def is_plain(test):
    """True if the test is useful on the plain build alone."""
    text = (TESTS / test).read_text()
    return test.startswith(("bench/", "containers/")) or bool(re.search(r"^pytestmark.*(\n .*)*SANITIZED", text, re.M))


@dataclasses.dataclass
class Selection:
    since: str
    files: list
    suites: set = dataclasses.field(default_factory=set)  # in C
    e2e: set = dataclasses.field(default_factory=set)
    plain: set = dataclasses.field(default_factory=set)
    uncovered: list = dataclasses.field(default_factory=list)  # files for which only the smoke and parity tests run

    @property
    def kinds(self):
        """The builds in the order in which they run.

        CHANGED_SECONDS in run.py may cut the last ones short, so those with tests chosen for a file come first.
        """
        return [*(["plain"] if self.plain else []), "asan", "tsan"]

    def c_suites(self, kind):
        """Returns meson's names of the selected C suites, or None if this build runs none."""
        found = sorted(f"{suite.parent}/{suite.stem.removeprefix('test_')}" for suite in self.suites)
        return found if found and kind != "plain" else None

    def pytest_paths(self, kind):
        return {"asan": sorted(SMOKE | self.e2e), "tsan": sorted(SMOKE), "plain": sorted(self.plain)}[kind]

    def text(self):
        """Returns a text that lists the tests that run and those that are left out."""
        suites = self.c_suites("asan") or []
        left_out = {}
        for path in sorted(TESTS.glob("*/test_*.py")):
            if str(path.relative_to(TESTS)) not in SMOKE | self.e2e | self.plain:
                left_out.setdefault(path.parent.name, []).append(path.stem.removeprefix("test_"))
        return "\n".join(
            (
                f"changed since {self.since}: {', '.join(self.files) or 'nothing'}",
                f"  under AddressSanitizer and ThreadSanitizer: {' '.join(sorted(SMOKE))} {' '.join(suites)}",
                f"  under AddressSanitizer: {' '.join(sorted(self.e2e)) or 'no more'}",
                f"  plain: {' '.join(sorted(self.plain)) or 'nothing'}",
                f"  left out, for ./dev test: {len(c_suites()) - len(suites)} of {len(c_suites())} suites in C; "
                + "; ".join(f"{folder}/: {' '.join(stems)}" for folder, stems in left_out.items()),
                *([f"  only ./dev test covers: {', '.join(self.uncovered)}"] if self.uncovered else []),
            )
        )


def select(commit=""):
    files, since = changed_files(commit)
    suites, included_by = c_suites(), includers()
    selection = Selection(since, files)
    for name in files:
        of_file = set(c_suites_of(name, suites, included_by)) if name.endswith((".c", ".h")) else set()
        tests = {test for test in python_tests_of(name) if (TESTS / test).exists()}
        selection.suites |= of_file
        for test in tests - SMOKE:
            (selection.plain if is_plain(test) else selection.e2e).add(test)
        if not of_file and not tests and not name.endswith(".md"):
            selection.uncovered.append(name)
    return selection


if __name__ == "__main__":
    try:
        print(" ".join(select(sys.argv[1].removeprefix("=")).kinds))
    except Unknown as unknown:
        sys.exit(f"dev: cannot tell what has changed: {unknown}")
