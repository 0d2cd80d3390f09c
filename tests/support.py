"""tandem servers in their own processes, and clients of them, for the tests."""

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

BINARY = os.environ["TANDEM_BINARY"]


def environment():
    """Returns the environment of a server, without the variables that steer the tests and those of tandem."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}


SANITIZED = os.environ.get("TANDEM_SANITIZED", "")

APPS = str(Path(__file__).parent / "apps")
INCLUDE = Path(__file__).resolve().parents[1] / "include"
NATIVE_HANDLER = str(Path(os.environ["TANDEM_BUILD"], "tests", "native_handler.so"))  # apps/native_handler.c


def run(*options, env=None, **more):
    """Runs tandem until it ends."""
    env = environment() if env is None else env
    return subprocess.run([BINARY, *options], capture_output=True, text=True, timeout=60, env=env, **more)


def listed(option):
    """Returns the list that tandem prints for ``--models`` or ``--workloads``."""
    return json.loads(run(option).stdout)


ON_LOOP = {model["name"]: model["on_loop"] for model in listed("--models")}
MODELS = tuple(ON_LOOP)
THREADED = tuple(name for name, on_loop in ON_LOOP.items() if not on_loop)


class Client:
    """Sends requests to ``self.port``."""

    def connect(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def request(self, method, path, body=None, headers=None, timeout=60):
        """Sends one request on a new connection, and returns (status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def raw(self, data, timeout=20):
        """Sends the bytes, and returns all that the server sends until it closes the connection."""
        with self.connect(timeout) as sock:
            sock.sendall(data)
            return read_to_end(sock)

    pages = ""  # the prefix of tandem's own pages

    def stats(self, since=None):
        status, _, body = self.get(f"{self.pages}/stats?since={since}" if since else f"{self.pages}/stats")
        assert status == 200
        return json.loads(body)

    def set_mark(self, name):
        assert self.request("POST", f"{self.pages}/stats/marks/{name}")[0] in (200, 201)

    def rejected(self, name):
        return self.stats()["http"]["rejected"][name]

    def model(self, name):
        return self.stats()["models"][name]

    def has_begun(self, name):
        """True if the model has one request, and a thread has taken it. Its handler may not have begun."""
        model = self.model(name)
        return model["in_flight"] == 1 and model["queue_length"] == 0


def contents(file):
    """Returns the contents of a file that a child process still writes through the same file description.

    read() would move the offset at which the child writes.
    """
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


class Admin(Client):
    def __init__(self, url):
        self.port = int(url.rsplit(":", 1)[1])


def mounts_something(options, env):
    """True if the options or the environment give an app or a handler in C."""
    given = {"--native", "--app"} & set(options) or {"TANDEM_NATIVE", "TANDEM_APP"} & set(env)
    return bool(given) or any(re.fullmatch(r"[\w.]+:[\w.]+", option) for option in options)


def before_start(on_core, ignored):
    if on_core is not None:
        os.sched_setaffinity(0, {on_core})
    if ignored is not None:
        signal.signal(ignored, signal.SIG_IGN)


class Server(Client):
    """A server on a free port, which is ready when the constructor returns.

    ``on_core`` pins it to one core. ``listener`` is a listening socket that it takes over as after a reload, so
    ``options`` must have --reload. ``wrapper`` is a command that runs it. ``ignored`` is a signal that is ignored when
    it starts. ``stderr`` is the path of a file that takes the place of its log. ``stop`` demands a clean end, unless
    ``expect`` is another exit status.
    """

    def __init__(
        self, *options, binary=BINARY, env=None, on_core=None, listener=None, wrapper=(), ignored=None, stderr=None
    ):
        self.log_file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the server)
        log = self.log_file.fileno() if stderr is None else os.open(stderr, os.O_WRONLY)
        inherited = {} if listener is None else {"TANDEM_RELOAD_SOCKETS": f"--port:{listener.fileno()}"}
        self.process = subprocess.Popen(
            [*wrapper, binary, "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=log,
            env={**environment(), **(env or {}), **inherited},
            pass_fds=() if listener is None else (listener.fileno(),),
            preexec_fn=None if on_core is None and ignored is None else lambda: before_start(on_core, ignored),
            text=True,
        )
        if stderr is not None:
            os.close(log)
        self.stopped = False
        lines = iter(self.process.stdout.readline, "")
        self.printed, self.ready_line = [], ""  # what the app printed before the server was ready
        for self.ready_line in lines:
            if self.ready_line.startswith("tandem ready "):
                break
            self.printed.append(self.ready_line)
        match = re.fullmatch(
            r"tandem ready http://127\.0\.0\.1:(\d+) mode=(\S+) pid=(\d+) startup=[\d.]+ms(?: gc_threshold=(\S+))?\n",
            self.ready_line,
        )
        if not match:
            self.process.wait(30)
            raise AssertionError(f"not ready: {self.ready_line!r}\n{self.log()}")
        self.port = int(match[1])
        self.mode = match[2]
        has_root = not self.mode.startswith("compare") and mounts_something(options, env or {})
        self.pages = "/_tandem" if has_root else ""
        self.gc_threshold = match[4]
        self.pid = self.process.pid

    def admin(self):
        """Returns a client of the admin port of a server that was started with --admin."""
        return Admin(self.stats()["tandem"]["admin"])

    def log(self):
        return contents(self.log_file).decode(errors="replace")

    def wait_for_log(self, text, seconds=10):
        wait_until(lambda: text in self.log(), seconds, lambda: f"{text!r} in the log:\n{self.log()}")

    def signal(self, number):
        """Sends the signal. Under ThreadSanitizer, sends it again if it does not show in the log.

        gcc 12's ThreadSanitizer holds a signal back until its thread calls an intercepted function. It lost 4 of 1272
        signals to servers with requests in flight. Without it, none of 5612 was lost.
        """
        before = self.log().count("SIG")
        self.process.send_signal(number)
        if SANITIZED == "tsan" and not self.has_seen_signal(before):
            self.process.send_signal(number)

    def has_seen_signal(self, before, seconds=5):
        """Waits until the log names one more signal than ``before``, or the process has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.log().count("SIG") > before or self.process.poll() is not None:
                return True
            time.sleep(0.005)
        return False

    def wait(self, seconds=30):
        return self.process.wait(seconds)

    def stop(self, expect=0):
        """Ends the server by SIGTERM if it still runs, and checks its exit status and its log."""
        self.stopped = True
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
        log = self.log()
        assert "Sanitizer" not in log and "runtime error:" not in log, log
        assert status == expect, f"exit status {status}\n{log}"


def read_to_end(sock):
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def read_response(sock, leftover=b""):
    """Reads one response with a Content-Length, and returns (status, headers, body, the bytes after it)."""
    data = leftover
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        assert piece, f"closed after {data!r}"
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    length = int(headers["content-length"])
    while len(rest) < length:
        piece = sock.recv(65536)
        assert piece, f"closed in the middle of {data!r}"
        rest += piece
    return int(lines[0].split()[1]), headers, rest[:length], rest[length:]


def reset(sock):
    """Closes the connection by a reset, which drops what either side has not read."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


def is_closed(sock):
    """True if the server closes or resets the connection without sending anything more. Waits for either."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def wait_until(condition, seconds=10, describe=lambda: ""):
    """Polls the condition until it holds. ``describe`` returns a text for the message of a failure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds {describe()}".rstrip()
        time.sleep(0.005)


class Background(threading.Thread):
    """Calls a function in a new thread. ``result`` waits, and returns the function's result or raises its exception."""

    def __init__(self, function, *arguments, **more):
        super().__init__(daemon=True)
        self._call = lambda: function(*arguments, **more)
        self._outcome = None
        self._error = None
        self.start()

    def run(self):
        try:
            self._outcome = self._call()
        except BaseException as error:
            self._error = error

    def result(self, seconds=60):
        self.join(seconds)
        assert not self.is_alive(), "still at it"
        if self._error:
            raise self._error
        return self._outcome


def expect_app_failure(app, path, reason):
    """An app's error must give a 500 whose reason is in the log alone. The server must go on."""
    before = app.rejected("handler_error")
    status, _, body = app.get(path)
    assert (status, json.loads(body)) == (500, {"error": "the handler failed; the server's log says why"})
    app.wait_for_log(reason)
    assert app.rejected("handler_error") == before + 1
    assert app.get("/")[0] == 200


def expect_broken_off(app, path):
    """The answer must begin with status 200, and the client must see that it is incomplete."""
    with app.connect() as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        data = read_to_end(sock)
    assert data.startswith(b"HTTP/1.1 200 ") and not data.endswith(b"0\r\n\r\n")
    assert app.get("/")[0] == 200


def expect_client_held_up(app, path, body):
    """Back-pressure: the server must not take a body from the client that the app does not read."""
    before = app.stats()["process"]["resident_memory_bytes"]
    with app.connect() as sock:
        sock.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n".encode())
        sock.setblocking(False)
        sent = 0
        while select.select([], [sock], [], 0.2)[1]:
            sent += sock.send(body)
        assert sent < 20_000_000
        # AddressSanitizer keeps freed memory: a server's memory grows by up to 15 MB here, whatever the server keeps.
        room = 40_000_000 if SANITIZED else 8_000_000
        assert app.stats()["process"]["resident_memory_bytes"] < before + room
    wait_until(lambda: app.model(app.mode)["in_flight"] == 0)
