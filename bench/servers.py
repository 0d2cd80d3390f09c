"""Servers under test: tandem in one model, and nginx beside it. Each is a context manager, serving inside ``with``."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from bench import cores, process

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "build" / "release"
TANDEM = BUILD / "src" / "tandem"
NOSTATS = TOP / "build" / "nostats" / "src" / "tandem"


class Failed(Exception):
    """A server that does not do what it should; its text is for the user."""


class Server:
    """What they have in common. ``startup_seconds``: from the spawn to the first 200."""

    def __init__(self, name, command):
        self.name = name
        self.command = [str(part) for part in command]

    def __enter__(self):
        server_cpus, _ = cores.assign()
        self.log = tempfile.TemporaryFile()
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=self.log, text=True, preexec_fn=cores.pinned(server_cpus)
        )
        try:
            self.port = self.wait_until_ready()
            status, _ = self.get(self.first_path)
            self.startup_seconds = time.perf_counter() - begun
            if status != 200:
                raise Failed(f"{self.name}: {self.first_path} answers {status}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

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


class Tandem(Server):
    def __init__(self, model, *options, name=None, binary=TANDEM):
        command = [binary, "--mode", model, "--port", "0", "--log-level", "warn", *options]
        super().__init__(name or model, command)
        self.model = model
        self.first_path = "/stats" if model.startswith("compare") else "/plaintext"

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if not line.startswith("tandem ready http://127.0.0.1:"):
            self.process.wait(20)
            self.fail("did not start")
        return int(line.split()[2].rsplit(":", 1)[1])

    def stats(self):
        status, body = self.get("/stats")
        if status != 200:
            self.fail(f"answers /stats with {status}")
        return json.loads(body)


class BareLibuv(Server):
    """Waits and answers, and that is all: peers/libuv/later.c."""

    first_path = "/"

    def __init__(self, wait_ms):
        super().__init__("bare libuv", [BUILD / "bench" / "later", wait_ms])

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.process.wait(20)
            self.fail("did not start")
        return int(line.split()[1])


class Nginx(Server):
    """``return 200`` of tandem's plaintext: one worker, no access log, connections kept alive for ever."""

    first_path = "/plaintext"

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="tandem-nginx-"))
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.free_port = sock.getsockname()[1]
        configuration = (TOP / "bench" / "peers" / "nginx" / "nginx.conf").read_text()
        configuration = configuration.replace("@DIRECTORY@", str(self.directory)).replace("@PORT@", str(self.free_port))
        (self.directory / "nginx.conf").write_text(configuration)
        super().__init__(
            "nginx",
            ["nginx", "-p", self.directory, "-e", self.directory / "error.log", "-c", self.directory / "nginx.conf"],
        )

    def wait_until_ready(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.fail("did not start")
            try:
                socket.create_connection(("127.0.0.1", self.free_port), 1).close()
                return self.free_port
            except ConnectionRefusedError:
                time.sleep(0.002)
        self.fail("did not listen within 20 s")

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.directory, ignore_errors=True)
