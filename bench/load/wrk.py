"""One run of wrk against one path of one server, with what it cost the server."""

import json
import math
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from bench.load.run import Run
from bench.machine import cores
from bench.servers.server import Failed

SCRIPTS = Path(__file__).resolve().parent / "wrk_scripts"


def drive(server, path, *, connections=64, seconds=1, script="get", threads=1):
    """Runs wrk on the load's core. wrk knows whole seconds only, but reports at SIGINT, too."""
    _, load_cpus = cores.assign()
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{math.ceil(seconds) + 1}s", "--timeout", "20s"]
    command += ["-s", str(SCRIPTS / f"{script}.lua"), server.url + path]
    cpu_before, begun = server.cpu_seconds(), time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=cores.pinned(load_cpus)
    ) as process:
        timer = threading.Timer(seconds, process.send_signal, (signal.SIGINT,))
        timer.start()
        output = process.stdout.read()
        timer.cancel()
        usage = wait_for_usage(process)
    elapsed, cpu = time.perf_counter() - begun, server.cpu_seconds() - cpu_before
    for line in output.splitlines():
        if line.startswith("JSON "):
            return to_run(json.loads(line[5:]), elapsed, cpu, usage.ru_utime + usage.ru_stime, server.resident_bytes())
    raise Failed(f"wrk against {server.name}{path} failed:\n{output}")


def wait_for_usage(process):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def to_run(report, elapsed, cpu, load_cpu, resident_bytes):
    requests = report["requests"]
    return Run(
        requests=requests,
        seconds=report["duration_us"] / 1e6,
        requests_per_second=requests / (report["duration_us"] / 1e6),
        cpu_us_per_request=cpu * 1e6 / max(requests, 1),
        server_busy=cpu / elapsed,
        load_busy=load_cpu / elapsed,
        errors=report["errors"],
        latencies_us={"client": report["latency_us"], "wrk": report["latency_us"]},
        curves_us={},
        resident_bytes=resident_bytes,
    )
