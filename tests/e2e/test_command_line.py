"""The command line: options, environment variables, exit statuses, and errors that say what would be right."""

import re
import resource
import socket
import subprocess

import pytest

from support import BINARY, MODELS, listed, run


def test_version():
    result = run("--version")
    assert result.returncode == 0
    assert re.fullmatch(
        r"tandem \d+\.\d+\.\d+ \(CPython 3\.\d+\.\d+, libuv \d+\.\d+\.\d+, libmicrohttpd \d+\.\d+\.\d+, OpenSSL .*\)\n"
        r"python .+\n",
        result.stdout,
    )


def test_the_interpreter_that_version_names_is_of_the_library_s_version():
    library, python = run("--version").stdout.splitlines()
    said = subprocess.run([python.removeprefix("python "), "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.removeprefix("Python ").strip() in library


def test_help_names_every_option():
    result = run("--help")
    assert result.returncode == 0
    assert run("-h").stdout == result.stdout
    for name in [
        "mode",
        "host",
        "port",
        "loops",
        "threads",
        "queue-limit",
        "gc-threshold",
        "max-connections",
        "max-body",
        "max-header",
        "header-timeout",
        "request-timeout",
        "keep-alive",
        "drain-timeout",
        "native",
        "admin",
        "log-level",
        "log-format",
        "access-log",
        "server-timing",
        "reload",
        "check-config",
        "healthcheck",
        "print-config",
        "models",
        "workloads",
        "version",
        "help",
    ]:
        assert f"  --{name} " in result.stdout, name
    for model in MODELS:
        assert f"\n  {model} " in result.stdout, model


@pytest.mark.parametrize(
    "options, message",
    [
        (["--mode", "node"], "--mode: 'node' is no model; a mode is one of uv-loop uv-pool py-inline py-threads"),
        (["--mode", "compare:uv-loop,node"], "--mode: 'node' is no model"),
        (["--mode", "compare:"], "--mode: '' is no model"),
        (["--mode", "compare:uv-loop,"], "--mode: '' is no model"),
        (["--mode", ""], "--mode: must not be empty"),
        (["--port", "65536"], "--port: '65536' is not a whole number from 0 to 65535"),
        (["--port", "http"], "--port: 'http' is not a whole number from 0 to 65535"),
        (["--loops", "0"], "--loops: '0' is not a whole number from 1 to 64"),
        (["--loops", "65"], "--loops: '65' is not a whole number from 1 to 64"),
        (["--admin", "65536"], "--admin: '65536' is not none, or a whole number, from 0 to 65535"),
        (["--threads", "0"], "--threads: '0' is not a whole number from 1 to 64"),
        (["--threads=65"], "--threads: '65' is not a whole number from 1 to 64"),
        (["--threads", "18446744073709551620"], "--threads: '18446744073709551620' is not a whole number from 1 to 64"),
        (["--max-body", "1MB"], "--max-body: '1MB' is not a size such as 512, 16KiB or 1MiB from 0 to 1024MiB"),
        (["--keep-alive", "75"], "--keep-alive: '75' is not a duration such as 500ms, 10s or 2m from 1ms to 1440m"),
        (["--request-timeout", "-1s"], "--request-timeout: '-1s' is not a duration"),
        (
            ["--gc-threshold", "700"],
            "--gc-threshold: '700' is not three whole numbers from 0 to 2147483647, such as 10000,10,10",
        ),
        (["--log-level", "loud"], "--log-level: 'loud' is none of: error warn info debug"),
        (["--access-log=maybe"], "--access-log: 'maybe' is none of: 1 true 0 false"),
        (["--port"], "--port: needs a value: PORT"),
        (["--thread", "3"], "unknown option --thread; did you mean --threads?"),
        (["--zzz"], "unknown option --zzz; tandem --help lists the options"),
        (["--reload"], "--reload: there is nothing to watch: give an APP, such as main:app, or --native"),
        (["serve"], "APP: 'serve' is not MODULE:ATTRIBUTE, such as main:app; tandem --help lists the options"),
        (["--host", "no such host"], "--host: 'no such host' is no address or name of this machine"),
    ],
)
def test_wrong_usage(options, message):
    result = run("--port", "0", *options)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"tandem: {message}"), result.stderr
    assert result.stderr.count("\n") == 1


def test_environment_and_command_line():
    result = run("--print-config", env={"TANDEM_THREADS": "7", "TANDEM_MAX_BODY": "2MiB", "TANDEM_ACCESS_LOG": "1"})
    lines = result.stdout.splitlines()
    assert {"TANDEM_THREADS=7", "TANDEM_MAX_BODY=2MiB", "TANDEM_ACCESS_LOG=1", "TANDEM_MODE=compare"} <= set(lines)
    again = run("--print-config", "--threads", "9", env=dict(line.split("=", 1) for line in lines))
    assert again.stdout == result.stdout.replace("TANDEM_THREADS=7", "TANDEM_THREADS=9")
    result = run("--check-config", env={"TANDEM_THREADS": "many"})
    assert result.returncode == 2
    assert result.stderr == "tandem: TANDEM_THREADS: 'many' is not a whole number from 1 to 64\n"


def test_check_config():
    assert run("--check-config", "--mode", "compare:uv-loop,py-threads").returncode == 0
    assert run("--check-config", "--mode", "nonsense").returncode == 2
    for mode, status in (("uv-loop", 0), ("py-inline", 2)):  # only Python looks for an environment
        assert run("--check-config", "--mode", mode, "--venv", "/nowhere").returncode == status


def test_a_variable_of_no_option_is_warned_of():
    variables = {"TANDEM_THREDS": "7", "TANDEM_QUEUE_LIMITS": "7", "TANDEM_X": "", "TANDEMX": "", "XTANDEM_THREADS": ""}
    result = run("--check-config", env={**variables, "TANDEM_THREADS": "7"})
    assert result.returncode == 0
    said = [line.split("WARN ")[1].strip() for line in result.stderr.splitlines()]
    about = "is not the variable of an option, and is ignored"
    assert sorted(said) == [
        f"TANDEM_QUEUE_LIMITS {about}; did you mean TANDEM_QUEUE_LIMIT?",
        f"TANDEM_THREDS {about}; did you mean TANDEM_THREADS?",
        f"TANDEM_X {about}",
    ]


def test_port_in_use():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        result = run("--mode", "uv-loop", "--port", str(port))
    assert result.returncode == 1
    assert result.stderr == f"tandem: cannot listen on --host 127.0.0.1 --port {port}: Address already in use\n"


def test_admin_port_in_use(tmp_path):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        result = run("--mode", "uv-loop", "--port", "0", "--admin", str(port))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == f"tandem: cannot listen on --host 127.0.0.1 --admin {port}: Address already in use\n"


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (400, "--max-connections 500: needs 756 file descriptors"),
        (64, "this process may have only 64 file descriptors (ulimit -n); tandem needs 256, and one more for each"),
    ],
)
def test_more_connections_than_descriptors(most, said):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    result = run("--mode", "uv-loop", "--port", "0", "--max-connections", "500", preexec_fn=limit)
    assert result.returncode == 2
    assert result.stderr.startswith(f"tandem: {said}")


def test_directory_for_files_that_cannot_be_written(tmp_path):
    result = run("--mode", "uv-loop", "--port", "0", env={"TMPDIR": str(tmp_path / "missing")})
    assert result.returncode == 1
    assert "TMPDIR" in result.stderr and "missing" in result.stderr


@pytest.mark.parametrize(
    "mode, models",
    [
        ("libuv", ["uv-loop"]),
        ("python", ["py-threads"]),
        ("compare", list(MODELS)),
        ("compare:py-threads,uv-loop", ["uv-loop", "py-threads"]),
        ("compare:libuv,uv-loop", ["uv-loop"]),
        ("uv-pool", ["uv-pool"]),
    ],
)
def test_modes(serve, mode, models):
    server = serve("--mode", mode)
    assert server.mode == mode
    stats = server.stats()
    assert list(stats["models"]) == models
    assert stats["tandem"]["mode"] == mode
    assert (stats["tandem"]["python"] is None) == all(model.startswith("uv-") for model in models)
    status = server.get("/json")[0]
    assert status == (200 if len(models) == 1 else 404)
    assert server.get(f"/{models[0]}/json")[0] == 200


def test_ipv6(serve):
    if not socket.has_ipv6:
        pytest.skip("no IPv6")
    process = subprocess.Popen(
        [BINARY, "--mode", "uv-loop", "--host", "::1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=30)
    if "Cannot assign requested address" in errors:
        pytest.skip("no IPv6")
    assert line.startswith("tandem ready http://[::1]:")
    assert process.returncode == 0


def test_the_models_are_listed_as_json(serve):
    models = listed("--models")
    assert {tuple(model) for model in models} == {
        ("name", "summary", "language", "variant", "needs_python", "on_loop"),
    }
    assert [model["name"] for model in models] == list(serve("--mode", "compare").stats()["models"])
    by_name = {model["name"]: model for model in models}
    assert (by_name["uv-loop"]["language"], by_name["uv-loop"]["variant"]) == ("C", "evented")
    assert (by_name["py-threads"]["language"], by_name["py-threads"]["variant"]) == ("Python", "blocking")
    assert {name for name, model in by_name.items() if model["on_loop"]} == {"uv-loop", "py-inline"}
    for model in models:
        assert model["needs_python"] == (model["language"] == "Python") == model["name"].startswith("py-")


def test_the_workloads_are_listed_as_json_with_the_ranges_that_hold(serve):
    server = serve("--mode", "uv-loop")
    for workload in listed("--workloads"):
        name, method = workload["name"], workload["method"]
        assert server.request(method, f"/{name}", b"x" if method == "POST" else None)[0] == 200
        for param_name, param in workload["parameters"].items():
            if "one_of" in param:
                wrong, right = ["none-of-them"], param["one_of"]
                assert param["default"] in right
            else:
                wrong, right = [param["min"] - 1, param["max"] + 1], [param["min"]]
                assert param["min"] <= param["default"] <= param["max"]
            assert {server.get(f"/{name}?{param_name}={value}")[0] for value in wrong} == {400}
            assert {server.get(f"/{name}?{param_name}={value}")[0] for value in right} == {200}
