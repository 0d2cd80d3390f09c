"""Runs the tests of the builds named on the command line, and ends with a line ``N passed, N failed``.

plain  the check suites and all of pytest, on build/release
asan   the same under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, on build/asan
tsan   the check suites and a short run of the host under ThreadSanitizer, on build/tsan
soak   starts and stops of each mode, and many requests in each model, on build/asan; soak=N: N requests in each

A check suite counts by its checks, pytest by its tests; a suite that crashes or hangs counts as one failure more.
"""

import json
import os
import platform
import re
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
TESTS = TOP / "tests"
BUILDS = {"plain": "release", "asan": "asan", "tsan": "tsan", "soak": "asan"}
SUITE_SECONDS = 900
PYTEST_PATHS = {
    "tsan": ("e2e/test_handoff.py", "e2e/test_drain.py", "e2e/test_loops.py"),
    "soak": ("soak/soak_starts.py", "soak/soak_load.py"),
}
SOAK_REQUESTS = "20000"


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
        "TSAN_OPTIONS": "halt_on_error=1:allocator_may_return_null=1",
    }


def without_address_randomisation(kind):
    """gcc's ThreadSanitizer cannot map its shadow where the kernel spreads addresses over more bits than it knows."""
    return ["setarch", platform.machine(), "--addr-no-randomize"] if kind == "tsan" else []


def run_check_suite(kind, name, command, env):
    try:
        result = subprocess.run(
            without_address_randomisation(kind) + command,
            env=env,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SUITE_SECONDS,
            cwd=TOP,
        )
        output, status = result.stdout + result.stderr, result.returncode
    except subprocess.TimeoutExpired as error:
        output, status = f"{error.stdout}\nhung: killed after {SUITE_SECONDS} s", None
    summary = re.search(r"Checks: (\d+), Failures: (\d+), Errors: (\d+)", output)
    checks, failures, errors = map(int, summary.groups()) if summary else (0, 0, 1)
    failed = failures + errors
    if status != 0 and failed == 0:
        failed = 1  # every check passed, but the process did not end well: a sanitizer's report
    passed = max(checks - failed, 0)
    print(f"  {name}: {passed} passed, {failed} failed", flush=True)
    if failed:
        print(output, flush=True)
    return passed, failed


def run_check_suites(kind, build, env):
    listing = subprocess.run(["meson", "introspect", "--tests", build], capture_output=True, text=True, check=True)
    return [run_check_suite(kind, test["name"], test["cmd"], env) for test in json.loads(listing.stdout)]


def run_pytest(kind, build, env, paths):
    report = build / "pytest.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    status = subprocess.run(
        without_address_randomisation(kind) + command + [str(TESTS / path) for path in paths], env=env, cwd=TESTS
    ).returncode
    try:
        suites = xml.etree.ElementTree.parse(report).getroot().iter("testsuite")
        counts = [{key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")} for suite in suites]
    except (OSError, xml.etree.ElementTree.ParseError):
        return 0, 1
    failed = sum(count["failures"] + count["errors"] for count in counts)
    passed = sum(count["tests"] - count["skipped"] for count in counts) - failed
    return passed, failed if status == 0 else max(failed, 1)


def run_kind(kind):
    kind, _, size = kind.partition("=")
    build = TOP / "build" / BUILDS[kind]
    env = environment(kind, build)
    print(f"{kind}:", flush=True)
    results = []
    if kind == "soak":
        env["TANDEM_SOAK"] = size or SOAK_REQUESTS
    else:
        results += run_check_suites(kind, build, env)
    results.append(run_pytest(kind, build, env, PYTEST_PATHS.get(kind, (".",))))
    return results


def main(kinds):
    results = [result for kind in kinds for result in run_kind(kind)]
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
