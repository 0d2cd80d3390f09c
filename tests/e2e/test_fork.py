"""Handlers that fork: what their children may do, and what they must never do to the server."""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from support import APPS, Background, Server, read_response, wait_until

MODELS = {"py-inline": "wsgi", "py-threads": "wsgi", "py-asyncio": "asgi"}


@pytest.fixture(scope="module", params=[*MODELS, "uvloop"])
def server(request):
    model, options = request.param, ()
    if model == "uvloop":
        model, options = "py-asyncio", ("--asyncio-loop", "uvloop", "--venv", sys.prefix)
    made = Server("--mode", model, "--app-dir", APPS, "--admin", "0", *options, f"forking_app:{MODELS[model]}")
    yield made
    made.stop()


def ask(server, path):
    status, _, body = server.get(path)
    assert status == 200, server.log()
    return json.loads(body)


def still_serves_and_does_not_drain(server):
    assert server.process.poll() is None
    assert ask(server, "/descriptors")[1] == 0
    assert "draining" not in server.log()


def test_a_child_has_the_default_actions_of_signals(server):
    assert ask(server, "/dispositions") == [[], 0]


def descriptors(pid):
    found = {}
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            found[int(one.name)] = os.readlink(one)
    return found


def test_a_child_has_no_descriptor_of_the_server_s(server):
    """Connections are idle meanwhile. The descriptors of py-asyncio's event loop are Python's, and some stay."""
    socks = [server.connect() for _ in range(5)]
    for sock in socks:
        sock.sendall(b"GET /descriptors HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_response(sock)[0] == 200
    found, status = ask(server, "/descriptors")
    assert status == 0
    inherited = {fd: what for fd, what in descriptors(server.pid).items() if found.get(str(fd)) == what}
    clients = {what for what in inherited.values() if what in sockets_of(server)}
    assert not clients
    if server.mode != "py-asyncio":
        assert inherited == {}
    for sock in socks:
        sock.close()


def sockets_of(server):
    """Returns the sockets with the server's port, as /proc names them: the listening one and those of clients."""
    rows = [line.split() for line in Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if int(row[1].rsplit(":", 1)[1], 16) == server.port}


def test_a_child_that_is_terminated_does_not_stop_the_server(server):
    assert ask(server, "/terminated") == -15
    still_serves_and_does_not_drain(server)


def test_a_child_may_take_signals(server):
    assert ask(server, "/own_handler") == ["survived", 0]
    still_serves_and_does_not_drain(server)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes(server, method):
    squares, version = ask(server, f"/{method}")
    assert squares == [0, 1, 4, 9]
    assert version == list(sys.version_info[:3])
    still_serves_and_does_not_drain(server)


def test_an_executor_of_processes(server):
    assert ask(server, "/executor") == [0, 1, 4, 9]


def test_programs_inherit_no_descriptor(server):
    assert ask(server, "/program").strip() == "['0', '1', '2', '3']"
    assert ask(server, "/shell") == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/returns", 70, "has returned to the server"),
        ("/raises", 70, "has raised ZeroDivisionError: division by zero"),
        ("/exits", 7, None),
    ],
)
def test_a_child_that_comes_back_is_ended(server, path, status, said):
    before = len(server.log())
    assert ask(server, path) == status
    about = [line for line in server.log()[before:].splitlines() if "the forked child" in line]
    assert len(about) == (1 if said else 0), server.log()[before:]
    assert said is None or (said in about[0] and "must end itself, for example by os._exit()" in about[0])
    still_serves_and_does_not_drain(server)


@pytest.mark.parametrize(("path", "status"), [("/awaits", 70), ("/thread", 70), ("/exits_later", 7)])
def test_a_child_that_comes_back_to_the_loop_is_ended(server, path, status):
    if server.mode != "py-asyncio":
        pytest.skip("an ASGI app's")
    assert ask(server, path) == status
    still_serves_and_does_not_drain(server)


def test_a_child_that_comes_back_with_a_piece_is_ended(server):
    if server.mode == "py-asyncio":
        pytest.skip("a WSGI app's")
    assert server.get("/streams")[2] == b"first 70"
    still_serves_and_does_not_drain(server)


def test_a_client_s_connection_closes_though_a_child_lives(serve, tmp_path):
    """A child's copy of the socket would keep the connection open."""
    (tmp_path / "main.py").write_text(
        "import multiprocessing, time\n"
        "def app(environ, start_response):\n"
        "    child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,), daemon=True)\n"
        "    child.start()\n"
        "    start_response('200 OK', [])\n"
        "    return [b'x']\n"
    )
    server = serve("--mode", "py-threads", "--app-dir", str(tmp_path), "main:app")
    said = server.raw(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", timeout=30)
    assert said.startswith(b"HTTP/1.1 200 ") and said.endswith(b"x")


def test_ctrl_c_with_a_child_alive_answers_what_is_in_flight(serve, tmp_path):
    """A terminal sends SIGINT to the whole process group. The child ends at once; the server drains."""
    (tmp_path / "main.py").write_text(
        "import multiprocessing, time\n"
        "def app(environ, start_response):\n"
        "    child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,))\n"
        "    child.start()\n"
        "    child.join()\n"
        "    start_response('200 OK', [])\n"
        "    return [str(child.exitcode).encode()]\n"
    )
    server = serve("--mode", "py-threads", "--app-dir", str(tmp_path), "main:app", wrapper=("setsid", "--wait"))
    asked = Background(server.get, "/")
    wait_until(lambda: server.model("py-threads")["in_flight"] == 1)
    served = int(server.ready_line.split("pid=")[1].split()[0])
    wait_until(lambda: Path(f"/proc/{served}/task").exists() and children_of(served))
    os.killpg(os.getpgid(served), signal.SIGINT)
    assert asked.result()[2] == b"-2"
    assert server.wait() == 0
    server.wait_for_log("SIGINT: draining")


def test_a_child_of_another_model_has_not_asyncio_s_epoll_descriptor(serve):
    options = ("--asyncio-loop", "asyncio", "--app-dir", APPS, "forking_app:wsgi")
    server = serve("--mode", "compare:py-threads,py-asyncio", *options)
    found, status = ask(server, "/py-threads/app/descriptors")
    assert status == 0
    assert "anon_inode:[eventpoll]" not in found.values()


def children_of(pid):
    return [one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def test_a_subinterpreter_cannot_fork(serve):
    """CPython refuses it in an isolated subinterpreter (PEP 684); programs can be started."""
    server = serve("--mode", "py-subinterp", "--threads", "2", "--app-dir", APPS, "forking_app:wsgi")
    for path in ("/returns", "/fork"):
        assert server.get(path)[0] == 500
    server.wait_for_log("RuntimeError: fork not supported for isolated subinterpreters")
    assert ask(server, "/program").strip() == "['0', '1', '2', '3']"


@pytest.mark.parametrize("path", ["/returns", "/fork"])
def test_a_fork_while_subinterpreters_run(serve, path):
    """CPython 3.12 frees them in the child, and crashes."""
    server = serve("--mode", "compare:py-threads,py-inline,py-subinterp", "--app-dir", APPS, "forking_app:wsgi")
    assert server.get("/py-subinterp/app/program")[0] == 200
    for model in ("py-threads", "py-inline"):
        answer = ask(server, f"/{model}/app{path}")
        assert answer == 70 or answer[0] == [0, 1, 4, 9]


@pytest.mark.parametrize("model", ["uv-pool", "uv-loop"])
def test_a_handler_in_c_that_forks(serve, compiled, model):
    mine = compiled(
        "#include <stdio.h>\n#include <sys/wait.h>\n#include <unistd.h>\n"
        "static void run(struct tandem_request *request)\n"
        "{\n"
        "    int status = 0;\n"
        '    char text[32] = "child";\n'
        "    pid_t child = fork();\n"
        "    if (child > 0 && waitpid(child, &status, 0) == child)\n"
        '        snprintf(text, sizeof text, "%d", WEXITSTATUS(status));\n'
        "    tandem_set_status(request, 200);\n"
        "    tandem_set_body(request, text, 2);\n"
        "}\n"
        "static void start(struct tandem_request *request) { run(request); tandem_done(request); }\n"
        "TANDEM_HANDLER(.run = run, .start = start);\n"
    )
    server = serve("--mode", model, "--native", mine)
    assert server.get("/")[2] == b"70"
    wait_until(lambda: "has returned to the server" in server.log())
    assert server.process.poll() is None
