"""Counts the instructions that a server under callgrind executes per request.

callgrind starts without instrumentation, which makes the start ten times as fast. The instrumentation is switched on
after the server has answered some requests. More requests then warm up callgrind's translations. The cost of the next
REQUESTS requests is what callgrind counts between two dumps.

The server also works while it is idle: timers run, the GIL is probed. The amount of that work depends on the duration
of the requests, and so on how busy the machine is. It is therefore measured after the requests, and subtracted. If a
server does much work while idle, its requests cannot be counted like this, and the count fails.

Threads take turns (``--fair-sched=yes``), and the client waits for each answer before it sends the next request. With
several connections the server is stopped (SIGSTOP) until a request is there on each of them, so it always gets them at
once. Every run thus does the same work.
"""

import os
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bench.machine import cores
from bench.servers.server import Failed, Server
from bench.servers.tandem import port_of, ready_line

FIRST_REQUESTS = 100
WARM_UP_REQUESTS = 300
REQUESTS = 500
IDLE_SECONDS = 1.0  # the period of the server's rarest periodic work
IDLE_SHARE_MAX = 0.25  # of the instructions counted while requests are answered
START_SECONDS = 60
RUNS = 5

OPTIONS = ("--port", "0", "--log-level", "warn", "--asyncio-loop", "asyncio")
VALGRIND = ("valgrind", "--quiet", "--tool=callgrind", "--fair-sched=yes", "--instr-atstart=no")


class Client:
    """The cell's connections. A request waits for the answers to the previous requests on all of them."""

    def __init__(self, server, cell):
        self.server = server
        self.cell = cell
        self.sockets = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(cell.connections)]
        for one in self.sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = f"GET {cell.path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()

    def close(self):
        for one in self.sockets:
            one.close()

    def ask(self, times):
        """Asks at least this often, and equally often on each connection. Returns how often."""
        rounds = -(-times // len(self.sockets))
        for _ in range(rounds):
            self.send_all()
            for one in self.sockets:
                self.expect_answer(one)
        return rounds * len(self.sockets)

    def send_all(self):
        with self.server.stopped() if len(self.sockets) > 1 else nullcontext():
            for one in self.sockets:
                one.sendall(self.request)

    def expect_answer(self, one):
        head, body = self.answer(one)
        if not head.startswith(b"HTTP/1.1 200 ") or body != self.cell.answer:
            raise Failed(f"{self.cell.name}: {self.cell.path} is answered with {head[:80]!r} and {body[:80]!r}")

    def answer(self, one):
        """Receives an answer with a Content-Length. Returns ``(head, body)``."""
        data, length = b"", None
        while length is None or len(data) < length:
            piece = one.recv(65536)
            if not piece:
                raise Failed(f"{self.cell.name}: the connection was closed after {data[:80]!r}")
            data += piece
            if length is None and b"\r\n\r\n" in data:
                head, _, _ = data.partition(b"\r\n\r\n")
                length = len(head) + 4 + int(re.search(rb"\r\ncontent-length: (\d+)", head, re.I)[1])
        return data[: len(head)], data[len(head) + 4 :]


class CountedServer(Server):
    """``binary`` under callgrind, with the options of a cell."""

    def __init__(self, cell, binary):
        self.directory = tempfile.TemporaryDirectory(prefix="tandem-callgrind-")
        self.dumps = Path(self.directory.name, "dump")
        self.vgdb_files = f"--vgdb-prefix={self.directory.name}/vgdb"
        valgrind = [*VALGRIND, f"--callgrind-out-file={self.dumps}", self.vgdb_files]
        super().__init__(cell.name, [*valgrind, binary, *OPTIONS, *cell.options])
        self.first_path = cell.path
        self.dump_count = 0

    def wait_until_ready(self):
        line = ready_line(self.process.stdout, START_SECONDS)
        if not line:
            self.fail(f"did not start under callgrind within {START_SECONDS} s")
        return port_of(line)

    def __exit__(self, *_):
        super().__exit__()
        self.directory.cleanup()

    @contextmanager
    def stopped(self):
        """The server has stopped, and goes on afterwards."""
        os.kill(self.process.pid, signal.SIGSTOP)
        if os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT).si_code != os.CLD_STOPPED:
            self.fail("ended under callgrind")
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def control(self, *command):
        """Sends a command to callgrind by vgdb, which is part of valgrind and needs no debugger."""
        asked = ["vgdb", f"--pid={self.process.pid}", self.vgdb_files, *command]
        try:
            subprocess.run(asked, capture_output=True, text=True, timeout=START_SECONDS, check=True)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            self.fail(f"under callgrind cannot be told to {' '.join(command)}: {error} {error.stderr}")

    def instructions(self):
        """Returns the instructions of all threads since the last call."""
        self.control("dump")
        self.dump_count += 1
        text = Path(f"{self.dumps}.{self.dump_count}").read_text()
        return int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])


def count(cell, binary):
    """Starts a server and returns its instructions per request."""
    with CountedServer(cell, binary) as server:
        client = Client(server, cell)
        client.ask(FIRST_REQUESTS)
        server.control("instrumentation", "on")
        client.ask(WARM_UP_REQUESTS)
        server.instructions()
        begun = time.monotonic()
        asked = client.ask(REQUESTS)
        busy_instructions, busy_seconds = server.instructions(), time.monotonic() - begun
        time.sleep(IDLE_SECONDS)
        idle_instructions, idle_seconds = server.instructions(), time.monotonic() - begun - busy_seconds
        client.close()
    return of_requests(busy_instructions, idle_instructions / idle_seconds * busy_seconds, cell) / asked


def of_requests(instructions, idle_work, cell):
    """Returns ``instructions`` without the idle work. Raises Failed if the idle work is too large a share."""
    if idle_work > IDLE_SHARE_MAX * instructions:
        raise Failed(
            f"{cell.name}: {idle_work / instructions:.0%} of the instructions are not of requests: the server works "
            "while nobody asks it"
        )
    return instructions - idle_work


def measure(cells, binaries, runs, progress_of):
    """Returns ``{(cell name, binary): [count, …]}``. Each run has a fresh server; as many run at a time as there are
    cores.

    A server and its client share one core. The server goes to sleep before the client can send its next request, so
    each request finds the server in the same state. ``progress_of(steps)`` returns a progress display.
    """
    free_cores = iter(sorted(cores.usable()))
    found = {(cell.name, binary): [] for cell in cells for binary in binaries}
    tasks = [(number, cell, binary) for number in range(runs) for cell in cells for binary in binaries]

    def run(task):
        number, cell, binary = task
        step(f"run {number + 1}/{runs}: {cell.name}")
        found[cell.name, binary].append(count(cell, binary))

    def take_core():
        os.sched_setaffinity(0, {next(free_cores)})  # pins this thread, and thus its servers

    workers = ThreadPoolExecutor(len(cores.usable()), initializer=take_core)
    with progress_of(len(tasks)) as step, workers as pool, cores.shared():
        for _ in pool.map(run, tasks):
            pass
    return found


def median(counts):
    return statistics.median(counts)


def spread(counts):
    """Returns the largest distance of a run from the median, as a share of the median."""
    middle = statistics.median(counts)
    return max(abs(one - middle) for one in counts) / middle
