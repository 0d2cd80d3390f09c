"""--reload: where the app's source changes the process starts itself anew, on the same sockets; nobody is refused."""

import json
import os
import re
import signal
import socket
import subprocess
import textwrap
import time

import pytest

from support import BINARY, Background, is_closed, read_response, read_to_end, run, wait_until

WSGI = """
    import os, time

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            while not os.path.exists({go!r}):
                time.sleep(0.01)
        start_response("200 OK", [("Content-Length", str(len({answer!r})))])
        return [{answer!r}.encode()]
"""

ASGI = """
    def note(line):
        with open({notes!r}, "a") as file:
            file.write(line + "\\n")

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            for _ in range(2):
                event = (await receive())["type"]
                note({answer!r} + " " + event)
                await send({{"type": event + ".complete"}})
            return
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": {answer!r}.encode()}})
"""

FORMS = {"py-inline": WSGI, "py-threads": WSGI, "py-subinterp": WSGI, "py-asyncio": ASGI}


class Project:
    """A directory with an app in it, that is edited while it is served."""

    def __init__(self, directory, serve):
        self.directory = directory / "project"
        self.directory.mkdir()
        self.go = directory / "go"  # /slow answers once it is there
        self.notes = directory / "notes"
        self._serve = serve

    def write(self, name, text):
        """As most editors do it: all of it, then under its name."""
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        beside.write_text(textwrap.dedent(text))
        beside.replace(path)

    def write_app(self, answer, form=WSGI):
        self.write("main.py", form.format(answer=answer, go=str(self.go), notes=str(self.notes)))

    def options(self, *options):
        return ("--app-dir", str(self.directory), "--reload", *options, "main:app")

    def serve(self, *options, mode="py-threads", **more):
        return self._serve("--mode", mode, *self.options(*options), **more)


@pytest.fixture
def project(tmp_path, serve):
    return Project(tmp_path, serve)


def expect_ready(server):
    """Waits for the next ready line: the same process on the same port."""
    line = Background(server.process.stdout.readline).result()
    assert line.rsplit(" startup=", 1)[0] == server.ready_line.rsplit(" startup=", 1)[0], server.log()


def expect_answer(client, answer, path="/"):
    status, _, body = client.get(path)
    assert (status, body.decode()) == (200, answer)


def reloads(server):
    return [line.split("reload: ")[1] for line in server.log().splitlines() if line.endswith(" changed")]


@pytest.mark.parametrize("model", FORMS)
@pytest.mark.parametrize("loops", [1, 3])
def test_a_change_is_served_by_the_same_process(project, model, loops):
    project.write_app("one", FORMS[model])
    server = project.serve("--loops", str(loops), mode=model)
    expect_answer(server, "one")
    project.write_app("two", FORMS[model])
    expect_ready(server)
    expect_answer(server, "two")
    assert server.stats()["tandem"]["pid"] == server.pid
    assert reloads(server) == ["main.py changed"]
    server.stop()
    if model == "py-asyncio":
        events = [f"{answer} lifespan.{event}" for answer in ("one", "two") for event in ("startup", "shutdown")]
        assert project.notes.read_text().splitlines() == events


def test_ten_reloads_leave_no_descriptor(project):
    """Some within the same second, with a source as long: the bytecode of the old one would pass for the new one's."""
    form = WSGI + textwrap.indent('\nos.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)\n', "    ")
    project.write_app("0", form)
    server = project.serve("--admin", "0", mode="compare:py-threads,py-subinterp,uv-pool")
    admin = server.admin()

    def descriptors():
        directory = f"/proc/{server.pid}/fd"
        links = [os.readlink(f"{directory}/{fd}") for fd in os.listdir(directory)]
        return sorted(re.sub(r"\d+", "N", link) for link in links)

    def use(answer):
        for model in ("py-threads", "py-subinterp"):
            expect_answer(server, answer, f"/{model}/app/")
        assert admin.get("/readyz")[0] == 200

    use("0")
    wait_until(lambda: descriptors().count("socket:[N]") == 2)  # those that listen
    before = descriptors()
    for answer in range(1, 11):
        project.write_app(str(answer % 10), form)
        expect_ready(server)
        use(str(answer % 10))
    wait_until(lambda: descriptors() == before)
    assert len(reloads(server)) == 10


def test_who_connects_meanwhile_waits_for_the_new_code(project):
    project.write_app("old")
    server = project.serve("--admin", "0")
    admin = server.admin()
    in_flight = Background(server.get, "/slow")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    project.write_app("new")
    server.wait_for_log("reload: main.py changed")
    socks = [server.connect() for _ in range(20)]
    for sock in socks:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    asked = Background(admin.get, "/readyz")
    project.go.touch()
    status, headers, body = in_flight.result()
    assert (status, headers["Connection"], body) == (200, "close", b"old")
    expect_ready(server)
    for sock in socks:
        status, _, body, _ = read_response(sock)
        assert (status, body) == (200, b"new")
        sock.close()
    assert asked.result()[0] == 200


def test_an_idle_connection_is_closed(project):
    project.write_app("one")
    server = project.serve()
    with server.connect() as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(idle)[2] == b"one"
        project.write_app("two")
        assert is_closed(idle)
    expect_ready(server)


EDITS = {
    "a nested package": (lambda p: p.write("package/inner.py", "x = 2"), "package/inner.py"),
    "a new file": (lambda p: p.write("more.py", ""), "more.py"),
    "written in place": (lambda p: (p.directory / "package/inner.py").write_text("x = 3"), "package/inner.py"),
    "removed": (lambda p: (p.directory / "unused.py").unlink(), "unused.py"),
    "renamed": (lambda p: (p.directory / "unused.py").rename(p.directory / "a.py"), "unused.py changed, and others"),
    "a new directory": (lambda p: p.write("fresh/module.py", ""), "fresh"),
    "a directory that goes": (lambda p: (p.directory / "package").rename(p.directory / ".away"), "package"),
    "the whole directory": (lambda p: p.directory.rename(p.directory.with_name("away")), "project"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_a_change(project, edit):
    project.write_app("one")
    project.write("package/inner.py", "x = 1")
    project.write("unused.py", "")
    server = project.serve()
    change, name = EDITS[edit]
    change(project)
    wait_until(lambda: reloads(server))
    assert name.split(" ")[0] in reloads(server)[0]
    if edit == "the whole directory":
        server.wait_for_log("waiting for a change")
        project.directory.with_name("away").rename(project.directory)
    expect_ready(server)
    expect_answer(server, "one")


def test_what_is_no_change(project):
    """Told apart by what the reload that follows is said to be for."""
    for name in (".venv", "venv", "node_modules"):
        (project.directory / name / "lib").mkdir(parents=True)
    (project.directory / "venv" / "pyvenv.cfg").touch()
    (project.directory / "again").symlink_to(".")
    project.write_app("one")
    server = project.serve()
    for name in (".venv/lib/a.py", "venv/lib/a.py", "node_modules/lib/a.py", "notes.txt", ".hidden.py", "page.html"):
        (project.directory / name).write_text("")
    project.write_app("two")
    expect_ready(server)
    assert reloads(server) == ["main.py changed"]


def test_a_burst_is_one_reload(project):
    project.write_app("one")
    server = project.serve()
    for number in range(200):
        project.write(f"module{number}.py", "")
    project.write_app("two")
    expect_ready(server)
    expect_answer(server, "two")
    project.write_app("three")
    expect_ready(server)
    assert reloads(server) == ["module0.py and others changed", "main.py changed"]


@pytest.mark.parametrize("model", FORMS)
def test_a_broken_source_waits_to_be_mended(project, model):
    project.write_app("one", FORMS[model])
    server = project.serve("--admin", "0", mode=model)
    project.write("main.py", "def app(:\n")
    server.wait_for_log("reload: waiting for a change")
    assert "SyntaxError: invalid syntax" in server.log()
    assert "APP: main:app cannot be loaded: SyntaxError" in server.log()
    asked = Background(server.get, "/")
    project.write("main.py", "import nothing_of_that_name\n")
    server.wait_for_log("No module named 'nothing_of_that_name'")
    project.write_app("two", FORMS[model])
    expect_ready(server)
    assert asked.result()[2] == b"two"


def test_an_app_that_no_model_runs_waits_to_be_mended(project):
    project.write_app("one")
    server = project.serve()
    project.write_app("two", ASGI)
    server.wait_for_log("APP: main:app is an ASGI app, which --mode py-threads does not run")
    server.wait_for_log("reload: waiting for a change")
    project.write_app("three")
    expect_ready(server)
    expect_answer(server, "three")


def test_a_startup_that_fails_waits_to_be_mended(project):
    project.write(
        "main.py",
        """
        async def app(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})
        """,
    )
    with Starting(project, "--mode", "py-asyncio") as starting:
        starting.wait_for_log("APP: main:app cannot start: StartupFailed: the app's startup failed: no database")
        starting.wait_for_log("reload: waiting for a change")
        project.write_app("mended", ASGI)
        assert starting.process.stdout.readline().startswith("tandem ready ")


class Starting:
    """A server whose app is broken from the beginning."""

    def __init__(self, project, *options):
        self.log_path = project.directory.with_name("log")
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [BINARY, "--port", "0", *project.options(*options)], stdout=subprocess.PIPE, stderr=log, text=True
            )

    def wait_for_log(self, text):
        wait_until(lambda: text in self.log_path.read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdout.close()
        assert self.process.wait(30) == 0, self.log_path.read_text()
        assert "Sanitizer" not in self.log_path.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait(project, number):
    project.write("main.py", "1 / 0\n")
    with Starting(project, "--mode", "compare") as starting:
        starting.wait_for_log("ZeroDivisionError: division by zero")
        starting.wait_for_log("reload: waiting for a change")
        starting.process.send_signal(number)
        assert starting.process.wait(30) == 0
        assert starting.process.stdout.read() == ""


def test_without_reload_a_broken_source_ends_it(project):
    project.write("main.py", "1 / 0\n")
    result = run("--port", "0", "--app-dir", str(project.directory), "main:app")
    assert result.returncode == 3


def test_a_signal_in_the_drain_ends_it_for_good(project):
    project.write_app("old")
    server = project.serve()
    in_flight = Background(server.get, "/slow")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    project.write_app("new")
    server.wait_for_log("reload: main.py changed")
    server.signal(signal.SIGTERM)
    server.wait_for_log("SIGTERM: draining")
    project.go.touch()
    assert in_flight.result()[2] == b"old"
    assert server.wait() == 0
    assert server.process.stdout.read() == ""
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), 5)


@pytest.mark.parametrize("milliseconds", range(0, 80, 8))
def test_a_signal_on_the_way_to_the_new_process_is_not_lost(project, milliseconds):
    """Wherever it comes: in the old process's end, in exec, in the new one's start."""
    project.write_app("one")
    server = project.serve()
    project.write_app("two")
    server.wait_for_log("reload: main.py changed")
    time.sleep(milliseconds / 1000)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0, server.log()


def test_a_handler_that_does_not_return_does_not_stop_the_reload(project):
    project.write_app("old")
    server = project.serve("--drain-timeout", "300ms")
    in_flight = Background(server.get, "/slow")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    project.write_app("new")
    expect_ready(server)
    assert "reload: not drained within --drain-timeout (300 ms); what is still in flight is broken off" in server.log()
    with pytest.raises(OSError):
        in_flight.result()
    expect_answer(server, "new")


WSGI_STREAM = """
    import time

    def app(environ, start_response):
        def pieces():
            try:
                while True:
                    yield b"data: {answer}\\n\\n"
                    time.sleep(0.01)
            finally:
                with open({notes!r}, "a") as file:
                    file.write("closed\\n")
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return pieces()
"""

ASGI_STREAM = """
    import asyncio

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await receive()
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"data: {answer}\\n\\n", "more_body": True}})
        event = await receive()
        with open({notes!r}, "a") as file:
            file.write("closed\\n")
"""


@pytest.mark.parametrize("model", FORMS)
def test_streams_without_end_are_broken_off(project, model):
    """They have a second; the time-out would be a day."""
    form = ASGI_STREAM if model == "py-asyncio" else WSGI_STREAM
    project.write_app("one", form)
    server = project.serve("--drain-timeout", "1440m", mode=model)
    with server.connect(60) as own, server.connect(60) as stats:
        stats.sendall(b"GET /stats/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert stats.recv(100).startswith(b"HTTP/1.1 200 ")
        own.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert own.recv(15).startswith(b"HTTP/1.1 200 ")
        project.write_app("two", form)
        assert read_to_end(stats).endswith(b"0\r\n\r\n")
        assert not read_to_end(own).endswith(b"0\r\n\r\n")
    expect_ready(server)
    assert project.notes.read_text() == "closed\n"


def test_what_the_app_has_made_of_the_process_is_undone(project):
    """Its working directory and its environment are those of the start."""
    project.write(
        "main.py",
        """
        import json, os
        state = json.dumps([os.getcwd(), os.environ.get("OF_THE_APP"), sorted(k for k in os.environ if "RELOAD" in k)])
        os.environ["OF_THE_APP"] = "set"
        os.chdir("/")

        def app(environ, start_response):
            start_response("200 OK", [])
            return [state.encode()]
        """,
    )
    directory = os.path.relpath(project.directory)
    server = project._serve("--mode", "py-threads", "--app-dir", directory, "main:app", env={"TANDEM_RELOAD": "1"})
    for _ in range(2):
        assert json.loads(server.get("/")[2]) == [os.getcwd(), None, ["TANDEM_RELOAD"]]
        project.write("other.py", "")
        expect_ready(server)


@pytest.mark.parametrize(
    "sockets, message",
    [
        ("7", "TANDEM_RELOAD_SOCKETS: '7' is not OPTION:DESCRIPTOR,…; it is tandem's own"),
        ("--port:99", "TANDEM_RELOAD_SOCKETS: '--port:99': the descriptor 99 is not open"),
        ("--port:0", "the descriptor 0 that was handed over for --port is no listening socket"),
    ],
)
def test_sockets_that_are_none(project, sockets, message):
    project.write_app("one")
    env = {**os.environ, "TANDEM_RELOAD_SOCKETS": sockets}
    result = run("--port", "0", *project.options(), env=env, stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tandem: {message}")


def test_a_directory_that_cannot_be_watched(tmp_path):
    result = run("--port", "0", "--app-dir", str(tmp_path / "no" / "app"), "--reload", "main:app")
    assert result.returncode == 1
    assert f"--reload: cannot watch {tmp_path}/no/app: its directory: No such file or directory" in result.stderr
