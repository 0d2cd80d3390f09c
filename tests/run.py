"""Runs the tests of the builds named on the command line, and ends with a line ``N passed, N failed``.

plain  on build/test: all pytest tests, and the C suites that test something else without a sanitizer
asan   on build/asan: the C suites, e2e/ and parity/ under Address-, Leak- and UndefinedBehaviorSanitizer
tsan   on build/tsan: the C suites, and the parts of e2e/ where threads meet, under ThreadSanitizer
soak   on build/asan: starts and stops of each mode, and many requests in each model; soak=N: N requests in each;
       on build/asan and build/test: the contract test with 200 rounds
--changed[=COMMIT]   the tests nearest to the changed files, in less than two minutes after the build (tests/changed.py)

meson runs the C suites, and pytest-xdist runs the rest, several at a time. Tests that are sensitive to load run after
the others: those with the mark ``quiet`` beside each other, those with the mark ``alone`` by themselves. The line
counts the checks of a C suite, and the tests of pytest. A C suite that crashes or hangs without a failed check counts
as one failure.
"""

import dataclasses
import json
import os
import platform
import re
import subprocess
import sys
import time
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import changed

TOP = Path(__file__).resolve().parent.parent
TESTS = TOP / "tests"
BUILDS = {"plain": "test", "asan": "asan", "tsan": "tsan", "soak": "asan"}
WITH_THREADS = ("e2e/test_handoff.py", "e2e/test_drain.py", "e2e/test_loops.py", "e2e/test_smoke.py")
PYTEST_PATHS = {
    "plain": (".",),
    "asan": ("e2e", "parity"),
    "tsan": WITH_THREADS,
    "soak": ("soak/soak_starts.py", "soak/soak_load.py"),
}
C_SUITES_BESIDE = {"plain"}  # these run beside pytest: the few suites would use one core only
C_SUITES = {"plain": ("--suite", "plain"), "asan": (), "tsan": (), "soak": ("models/contract",)}
SOAK_REQUESTS = "20000"
CORES = len(os.sched_getaffinity(0))
TOGETHER = ("-n", str(min(2 * CORES, 16)), "--dist", "worksteal")
CHANGED_SECONDS = 75  # with --changed: so long after the build pytest starts no further test
NO_TESTS = 5  # pytest's exit status if no test was selected


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    left_out: int = 0  # by --changed, for lack of time

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.left_out += other.left_out


def environment(kind, build):
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PYTHONPYCACHEPREFIX": str(TOP / "build" / "pycache"),  # of the tests, too: each pytest process reads them all
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # anyio's takes a second in each process
        "PYTHONPATH": f"{TESTS}:{TOP}",
        "TANDEM_BINARY": str(build / "src" / "tandem"),
        "TANDEM_BUILD": str(build),
        "TANDEM_SANITIZED": "" if kind == "plain" else BUILDS[kind],
        "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:allocator_may_return_null=1",
        "LSAN_OPTIONS": f"suppressions={TESTS / 'lsan.supp'}:print_suppressions=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "TSAN_OPTIONS": f"suppressions={TESTS / 'tsan.supp'}:halt_on_error=1:allocator_may_return_null=1",
    }


def without_address_randomisation(kind):
    """Returns the prefix of a command that turns address randomisation off for ThreadSanitizer.

    gcc's ThreadSanitizer cannot map its shadow memory if the kernel randomises more address bits than it expects.
    """
    return ["setarch", platform.machine(), "--addr-no-randomize"] if kind == "tsan" else []


def count_of_suite(test):
    """Counts the checks of one suite in meson's log.

    A suite that fails without a failed check counts as one failure, such as a sanitizer's report.
    """
    checks = re.findall(r"^(ok|not ok) \d", test["stdout"], re.M)
    failed = checks.count("not ok")
    if failed == 0 and test["result"] != "OK":
        failed = 1
    return Count(checks.count("ok"), failed)


def expected_suites(build, selected):
    """Returns the number of suites that should run. Names that meson does not know count too, as missing suites."""
    named = [word for word in selected if word != "--suite"]
    if selected and named == list(selected):
        return len(named)
    listed = subprocess.run(["meson", "test", "-C", build, "--list", *selected], capture_output=True, text=True).stdout
    return sum("/" in line for line in listed.splitlines())


def run_c_suites(kind, build, env, selected):
    """Runs the suites that the arguments for meson in ``selected`` name, or all if there are none."""
    log = build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    command = ["meson", "test", "-C", build, "--num-processes", str(CORES + 1), "--quiet"]
    result = subprocess.run(
        [*without_address_randomisation(kind), *command, *selected], env=env, capture_output=True, text=True
    )
    total, suites = Count(), 0
    for test in map(json.loads, log.read_text().splitlines() if log.exists() else ()):
        count = count_of_suite(test)
        total.add(count)
        suites += 1
        if count.failed:
            print(f"  {test['name']}: {count.passed} passed, {count.failed} failed: {test['result']}")
            print(test["stdout"], test.get("stderr", ""), flush=True)
    expected = expected_suites(build, selected)
    if suites != expected or (result.returncode != 0 and total.failed == 0):
        total.failed += 1
        print(f"  {suites} of {expected} C suites ran; is each listed in tests/meson.build? meson says:")
        print(result.stdout, result.stderr, flush=True)
    return total


def count_of_report(report):
    """Counts the tests in pytest's JUnit XML. Returns None if there is no readable report."""
    try:
        root = xml.etree.ElementTree.parse(report).getroot()
        suites = root.iter("testsuite")
        counts = [{key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")} for suite in suites]
    except (OSError, xml.etree.ElementTree.ParseError):
        return None
    failed = sum(count["failures"] + count["errors"] for count in counts)
    left_out = sum(skipped.get("message") == changed.LEFT_OUT for skipped in root.iter("skipped"))
    return Count(sum(count["tests"] - count["skipped"] for count in counts) - failed, failed, left_out)


def files_with(mark, kind, paths):
    """Returns the test files that use the mark on builds of this kind. To collect all files would take seconds."""
    found = [TESTS / path for path in paths]
    files = [file for path in found for file in (sorted(path.rglob("test_*.py")) if path.is_dir() else [path])]
    if kind != "plain":
        files = [file for file in files if not changed.is_plain(str(file.relative_to(TESTS)))]
    return [file for file in files if f"mark.{mark}" in file.read_text()]


def run_pytest(kind, build, env, paths, marked, *options):
    """Runs the tests that the mark expression ``marked`` selects."""
    report = build / "pytest.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", "-m", marked]
    paths = [str(TESTS / path) for path in paths]
    status = subprocess.run(
        [*without_address_randomisation(kind), *command, *options, *paths], env=env, cwd=TESTS
    ).returncode
    count = count_of_report(report)
    if count is None:
        return Count(0, 1)
    if status not in (0, NO_TESTS):
        count.failed = max(count.failed, 1)
    return count


def run_kind(kind, c_suites, paths):
    """Runs the tests of one kind.

    c_suites has arguments for meson; None runs no C suite. paths has the paths for pytest; if empty, pytest does not
    run.
    """
    build = TOP / "build" / BUILDS[kind]
    env = environment(kind, build)
    total = Count()
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as executor:
        suites = executor.submit(run_c_suites, kind, build, env, c_suites) if c_suites is not None else None
        if suites and kind not in C_SUITES_BESIDE:
            suites.result()
            print(f"{kind}: C suites: {time.monotonic() - begun:.0f} s", flush=True)
        if paths:
            total.add(run_pytest(kind, build, env, paths, "not alone and not quiet", *TOGETHER))
        if suites:
            total.add(suites.result())
    for mark, options in (("quiet", TOGETHER), ("alone", ())):
        if files := files_with(mark, kind, paths):
            total.add(run_pytest(kind, build, env, files, mark, *options))
    print(f"{kind}: {total.passed} passed, {total.failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    return total


def plan(arguments):
    """Yields ``(kind, C suites, paths for pytest)`` for each part of the command line."""
    for argument in arguments:
        kind, _, value = argument.partition("=")
        if kind == "--changed":
            selection = changed.select(value)
            print(selection.text(), flush=True)
            os.environ["TANDEM_TESTS_UNTIL"] = str(time.monotonic() + CHANGED_SECONDS)
            for needed in selection.kinds:
                yield needed, selection.c_suites(needed), selection.pytest_paths(needed)
            continue
        if kind == "soak":
            os.environ["TANDEM_SOAK"] = value or SOAK_REQUESTS
            os.environ["TANDEM_ROUNDS"] = "200"
            # This build checks the memory of the process as the system sees it. AddressSanitizer's build checks the
            # heap alone.
            yield "plain", C_SUITES["soak"], ()
        yield kind, C_SUITES[kind], PYTEST_PATHS[kind]


def main(arguments):
    total = Count()
    try:
        for kind, c_suites, paths in plan(arguments):
            total.add(run_kind(kind, c_suites, paths))
    except changed.Unknown as unknown:
        sys.exit(f"dev: cannot tell what has changed: {unknown}")
    if total.left_out:
        print(f"{total.left_out} tests were {changed.LEFT_OUT}: ./dev test runs them")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
