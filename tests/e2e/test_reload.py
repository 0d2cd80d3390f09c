"""--reload: if the app's source changes, the process restarts itself on the same sockets. No client is refused."""

import contextlib
import json
import os
import re
import subprocess
import textwrap

import pytest

from project import APP_SOURCES, WSGI, expect_answer, expect_ready, reloads
from support import Background, environment, is_closed, read_response, run, wait_until


@pytest.mark.parametrize("model", APP_SOURCES)
@pytest.mark.parametrize("loops", [1, 3])
def test_a_change_is_served_by_the_same_process(project, model, loops):
    project.write_app("one", APP_SOURCES[model])
    server = project.serve("--loops", str(loops), mode=model)
    expect_answer(server, "one")
    project.write_app("two", APP_SOURCES[model])
    expect_ready(server)
    expect_answer(server, "two")
    assert server.stats()["tandem"]["pid"] == server.pid
    assert reloads(server) == ["main.py changed"]
    server.stop()
    if model == "py-asyncio":
        events = [f"{answer} lifespan.{event}" for answer in ("one", "two") for event in ("startup", "shutdown")]
        assert project.notes.read_text().splitlines() == events


def test_ten_reloads_leave_no_descriptor(project):
    """Some reloads happen within one second, with sources of the same length.

    By time and length, the bytecode of the old source would pass for that of the new one.
    """
    source = WSGI + textwrap.indent('\nos.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)\n', "    ")
    project.write_app("0", source)
    server = project.serve("--admin", "0", mode="compare:py-threads,py-subinterp,uv-pool")
    admin = server.admin()

    def descriptors():
        directory = f"/proc/{server.pid}/fd"
        links = []
        for fd in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):  # the descriptor was closed meanwhile
                links.append(os.readlink(f"{directory}/{fd}"))
        return sorted(re.sub(r"\d+", "N", link) for link in links)

    def use(answer):
        for model in ("py-threads", "py-subinterp"):
            expect_answer(server, answer, f"/{model}/app/")
        assert admin.get("/readyz")[0] == 200

    use("0")
    wait_until(lambda: descriptors().count("socket:[N]") == 2)  # the listening sockets
    before = descriptors()
    for answer in range(1, 11):
        project.write_app(str(answer % 10), source)
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
    """The log of the reload that follows names the changes, so it shows that the other files are no change."""
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


def test_what_the_app_has_made_of_the_process_is_undone(project):
    """After a reload, the working directory and the environment are those of the start."""
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
    env = {**environment(), "TANDEM_RELOAD_SOCKETS": sockets}
    result = run("--port", "0", *project.options(), env=env, stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tandem: {message}")


def test_a_directory_that_cannot_be_watched(tmp_path):
    result = run("--port", "0", "--app-dir", str(tmp_path / "no" / "app"), "--reload", "main:app")
    assert result.returncode == 1
    assert f"--reload: cannot watch {tmp_path}/no/app: its directory: No such file or directory" in result.stderr
