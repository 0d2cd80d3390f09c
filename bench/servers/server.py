"""The base class of every server under test."""

import http.client
import os
import signal
import subprocess
import tempfile
import time

from bench.machine import cores, process, variables


class Failed(Exception):
    """A measurement cannot be made, for example because a server does not work. The text is for the user."""


class Unsupported(Exception):
    """A server reports that it does not support a workload. The text is the reason."""


class Server:
    """A server process, running inside ``with``. ``startup_seconds`` is the time from the spawn to the first 200."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = environment or {}

    def __enter__(self):
        server_cpus, _ = cores.assign()
        self.log = tempfile.TemporaryFile()
        begun = time.perf_counter()
        self.process = None
        try:
            with process.signals_held():  # a signal during the start would leave an unknown server running
                self.process = subprocess.Popen(
                    self.command,
                    stdout=self.output(),
                    stderr=self.log,
                    text=True,
                    env=variables.for_servers() | self.environment,
                    preexec_fn=cores.pinned(server_cpus),
                )
            self.port = self.wait_until_ready()
            status, _ = self.get(self.first_path)
            self.startup_seconds = time.perf_counter() - begun
            if status != 200:
                raise Failed(f"{self.name}: {self.first_path} answers {status}{self.because()}")
        except BaseException:
            if self.process:
                self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with process.signals_held():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                for pid in process.family(self.process.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()

    def output(self):
        """Returns the destination of standard output: a pipe, from which wait_until_ready() reads the ready line."""
        return subprocess.PIPE

    def because(self):
        """Returns why the first answer may be unexpected, as the end of a sentence; empty if the server knows no
        reason."""
        return ""

    def fail(self, what):
        self.log.seek(0)
        raise Failed(f"{self.name} {what}\n{self.log.read().decode(errors='replace')}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def cpu_seconds(self):
        return process.cpu_seconds(self.process.pid)

    def resident_bytes(self):
        return process.resident_bytes(self.process.pid)

    def peak_resident_bytes(self):
        return process.peak_resident_bytes(self.process.pid)

    def context_switches(self):
        """Returns ``(voluntary, involuntary)`` of the server's threads so far."""
        return process.context_switches(self.process.pid)

    def mark(self, name):
        """Marks this moment for stats_since(), if the server supports that."""

    def stats_since(self, name):
        """Returns the server's own statistics since mark(name); None if it has none."""
