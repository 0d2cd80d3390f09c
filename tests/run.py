"""Runs the tests of the builds named on the command line, and ends with a line ``N passed, N failed``.

plain  all of pytest, and the C suites that say something else without a sanitizer, on build/test
asan   the C suites, e2e/ and parity/ under Address-, Leak- and UndefinedBehaviorSanitizer, on build/asan
tsan   the C suites and the parts of e2e/ where threads meet under ThreadSanitizer, on build/tsan
soak   starts and stops of each mode, and many requests in each model, on build/asan; the contract test with 200 rounds,
       there and on build/test; soak=N: N requests in each
--changed[=COMMIT]   the tests nearest to what changed, in less than two minutes (tests/changed.py)

meson runs the C suites, pytest-xdist the rest, several at a time. Tests that are sensitive to load run alone: those
marked ``alone``. A C suite counts by its checks, pytest by its tests. A suite that crashes or hangs without a failed
check counts as one failure.
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
C_SUITES = {"plain": ("--suite", "plain"), "asan": (), "tsan": (), "soak": ("models/contract",)}
SOAK_REQUESTS = "20000"
CORES = len(os.sched_getaffinity(0))
PYTEST_WORKERS = min(2 * CORES, 16)
CHANGED_SECONDS = 75  # of --changed, beside what building takes: then no further test of pytest's begins
NO_TESTS = 5  # pytest's exit status where nothing was selected


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    left_out: int = 0  # by --changed, for time

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.left_out += other.left_out


def environment(kind, build):
    return {
        **os.environ,
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
    """gcc's ThreadSanitizer cannot map its shadow where the kernel spreads addresses over more bits than it knows."""
    return ["setarch", platform.machine(), "--addr-no-randomize"] if kind == "tsan" else []


def count_of_suite(test):
    """Of a line of meson's log. A suite in which every check passed, and which did not end well, has failed once:
    that is a sanitizer's report."""
    checks = re.findall(r"^(ok|not ok) \d", test["stdout"], re.M)
    failed = checks.count("not ok")
    if failed == 0 and test["result"] != "OK":
        failed = 1
    return Count(checks.count("ok"), failed)


def expected_suites(build, selected):
    """How many suites are to run. A given name that meson does not know counts, too: that suite is missing."""
    named = [word for word in selected if word != "--suite"]
    if selected and named == list(selected):
        return len(named)
    listed = subprocess.run(["meson", "test", "-C", build, "--list", *selected], capture_output=True, text=True).stdout
    return sum("/" in line for line in listed.splitlines())


def run_c_suites(kind, build, env, selected):
    """selected: meson's words for some of them; none: all."""
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
    """Of pytest's JUnit XML; None where there is none."""
    try:
        root = xml.etree.ElementTree.parse(report).getroot()
        suites = root.iter("testsuite")
        counts = [{key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")} for suite in suites]
    except (OSError, xml.etree.ElementTree.ParseError):
        return None
    failed = sum(count["failures"] + count["errors"] for count in counts)
    left_out = sum(skipped.get("message") == changed.LEFT_OUT for skipped in root.iter("skipped"))
    return Count(sum(count["tests"] - count["skipped"] for count in counts) - failed, failed, left_out)


def run_pytest(kind, build, env, paths, marked, *options):
    """The tests that are so marked."""
    report = build / "pytest.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "-m", marked]
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
    """c_suites: meson's words; None: no suite. paths: what pytest is given; none: nothing."""
    build = TOP / "build" / BUILDS[kind]
    env = environment(kind, build)
    total = Count()
    begun = time.monotonic()
    if c_suites is not None:
        total.add(run_c_suites(kind, build, env, c_suites))
        print(f"{kind}: C suites: {time.monotonic() - begun:.0f} s", flush=True)
    if paths:
        together = ("-n", str(PYTEST_WORKERS), "--dist", "worksteal")
        total.add(run_pytest(kind, build, env, paths, "not alone", *together))
        total.add(run_pytest(kind, build, env, paths, "alone"))
    print(f"{kind}: {total.passed} passed, {total.failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    return total


def plan(arguments):
    """``(kind, C suites, paths for pytest)`` of what the command line asks for."""
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
            # The memory of the process as the system sees it; AddressSanitizer's build looks at its heap alone.
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
