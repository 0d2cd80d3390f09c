"""--native: building a handler, loading it, and the handlers that are refused."""

import json
import os
import subprocess

import pytest

from support import INCLUDE, NATIVE_HANDLER, run

RUNS = "static void run(struct tandem_request *request) { tandem_set_status(request, 204); }\n"
STARTS = (
    "static void start(struct tandem_request *request) { tandem_set_status(request, 204); tandem_done(request); }\n"
)


@pytest.mark.parametrize(
    "source, has, has_not, reason",
    [
        (
            RUNS + "TANDEM_HANDLER(.run = run);\n",
            "uv-pool",
            "uv-loop",
            "it has no start, which answers later; uv-pool can call its run",
        ),
        (
            STARTS + "TANDEM_HANDLER(.start = start);\n",
            "uv-loop",
            "uv-pool",
            "it has no run, which may block; uv-loop can call its start",
        ),
    ],
)
def test_one_variant(serve, compiled, source, has, has_not, reason):
    mine = compiled(source)
    server = serve("--mode", "compare:uv-loop,uv-pool", env={"TANDEM_NATIVE": mine})
    assert server.get(f"/{has}/native")[0] == 204
    status, _, body = server.get(f"/{has_not}/native")
    assert (status, json.loads(body)) == (501, {"error": f"{has_not} cannot run native: {reason}"})
    done = run("--port", "0", "--mode", has_not, "--native", mine)
    assert done.returncode == 2
    assert f"which --mode {has_not} does not call; {has} does" in done.stderr


def test_in_cplusplus(serve, compiled):
    mine = compiled(
        "#include <string>\n"
        "static void run(tandem_request *request)\n"
        "{\n"
        "    std::string *text = new std::string(tandem_path(request));\n"
        "    tandem_set_status(request, 200);\n"
        "    tandem_take_body(request, text->data(), text->size(),\n"
        "                     [](void *taken) { delete static_cast<std::string *>(taken); }, text);\n"
        "}\n" + STARTS + "TANDEM_HANDLER(.run = run, .start = start);\n",
        compiler=("g++", "-fvisibility=hidden", "-Wno-missing-field-initializers"),
    )
    server = serve("--mode", "compare:uv-loop,uv-pool", "--native", mine)
    assert server.get("/uv-pool/native/from/C++")[::2] == (200, b"/from/C++")
    assert server.get("/uv-loop/native")[0] == 204


def test_a_name_of_its_own_is_its_own(serve, compiled):
    """A handler's own function is called, even if tandem's sources define a function of the same name."""
    mine = compiled(
        'const char *err_message(void) { return "its own"; }\n'
        "void log_write(struct tandem_request *request) { tandem_set_body(request, err_message(), 7); }\n"
        "static void run(struct tandem_request *request) { tandem_set_status(request, 200); log_write(request); }\n"
        "TANDEM_HANDLER(.run = run);\n"
    )
    server = serve("--mode", "uv-pool", "--native", mine)
    assert server.get("/")[::2] == (200, b"its own")


def expect_refused(mine, sentence, status=3, mode="uv-pool"):
    done = run("--port", "0", "--mode", mode, "--native", mine)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"tandem: --native: {sentence}\n"


def test_a_handler_that_cannot_be_loaded(tmp_path, compiled):
    expect_refused("nowhere.so", "nowhere.so: No such file or directory")
    (tmp_path / "text.so").write_text("no shared object, but as long as the head of one would be" * 2)
    expect_refused(str(tmp_path / "text.so"), f"{tmp_path}/text.so: invalid ELF header")
    mine = compiled("int nothing_here;\n")
    expect_refused(
        mine, f"{mine} exports no tandem_handler: a handler defines it by TANDEM_HANDLER, of tandem/handler.h"
    )
    mine = compiled("static void cancel(struct tandem_request *r) { (void)r; }\nTANDEM_HANDLER(.cancel = cancel);\n")
    expect_refused(mine, f"the handler in {mine} has no variant: TANDEM_HANDLER takes .run, .start or both")
    mine = compiled(
        'static const char *setup(void) { return "no database"; }\n'
        + RUNS
        + "TANDEM_HANDLER(.setup = setup, .run = run);\n"
    )
    expect_refused(mine, f"{mine} is not ready: no database")


def test_a_symbol_that_nobody_has(compiled):
    mine = compiled(
        "void tandem_from_later(struct tandem_request *request);\n"
        "static void run(struct tandem_request *request) { tandem_from_later(request); }\n"
        "TANDEM_HANDLER(.run = run);\n"
    )
    expect_refused(mine, f"{mine}: undefined symbol: tandem_from_later")


@pytest.mark.parametrize("calls", ["tandem_done", "tandem_from_later"])
def test_another_version(tmp_path, compiled, calls):
    """The message names the version, even if the handler calls a function that only a later version has."""
    header = (INCLUDE / "tandem" / "handler.h").read_text()
    assert header.count("#define TANDEM_ABI_VERSION 1\n") == 1
    (tmp_path / "tandem").mkdir()
    (tmp_path / "tandem" / "handler.h").write_text(
        header.replace("#define TANDEM_ABI_VERSION 1\n", "#define TANDEM_ABI_VERSION 7\n")
    )
    mine = compiled(
        f"void {calls}(struct tandem_request *request);\n"
        f"static void run(struct tandem_request *request) {{ {calls}(request); }}\n"
        "TANDEM_HANDLER(.run = run);\n",
        compiler=("gcc", "-Wl,-z,lazy"),
        include=tmp_path,
    )
    expect_refused(
        mine,
        f"{mine} was built for version 7 of tandem/handler.h, this tandem has version 1: "
        "build it again with this tandem's",
    )


def test_a_mode_that_runs_no_handler():
    sentence = "--mode py-threads runs no C; give uv-loop, uv-pool, or compare"
    expect_refused(NATIVE_HANDLER, sentence, status=2, mode="py-threads")
    assert run("--check-config", "--mode", "py-threads", "--native", NATIVE_HANDLER).returncode == 2
    assert run("--check-config", "--mode", "uv-loop", "--native", NATIVE_HANDLER).returncode == 0
    assert run("--native=").stderr == "tandem: --native: must not be empty\n"


def test_what_the_executable_exports_is_the_abi(tmp_path):
    """The executable exports the ABI, and functions that replace those of libraries.

    Nothing else of tandem becomes part of the ABI by accident.
    """
    listing = subprocess.run(
        ["nm", "-D", "--defined-only", os.environ["TANDEM_BINARY"]], capture_output=True, text=True, check=True
    )
    functions = {line.split()[2] for line in listing.stdout.splitlines() if line.split()[1] == "T"}
    header = (INCLUDE / "tandem" / "handler.h").read_text()
    documented = {word for word in functions if word.startswith("tandem_")}
    assert documented == {
        line.split("(")[0].split()[-1].lstrip("*")
        for line in header.splitlines()
        if line.startswith("TANDEM_PUBLIC ") and "extern" not in line
    }
    assert functions - documented <= {"recv", "send", "epoll_wait", "pthread_cond_timedwait"}
