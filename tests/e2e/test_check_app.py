"""--check-app: which models would run an app."""

import sys

from support import MODELS, run

WSGI = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'x']\n"
ASGI = "async def app(scope, receive, send):\n    pass\n"


def checked(tmp_path, source, *options):
    (tmp_path / "main.py").write_text(source)
    done = run("--check-app", "main:app", "--app-dir", str(tmp_path), *options)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert tuple(said) == MODELS
    return said


def test_a_wsgi_app(tmp_path):
    said = checked(tmp_path, WSGI)
    for model in ("py-inline", "py-threads", "py-subinterp"):
        assert said[model] == "yes"
    assert said["py-asyncio"].startswith("no: it is a WSGI app")
    assert said["uv-loop"] == said["uv-pool"] == "no: it is in Python, and this model runs C"


def test_an_asgi_app(tmp_path):
    said = checked(tmp_path, ASGI)
    assert said["py-asyncio"] == "yes"
    assert said["py-threads"] == said["py-subinterp"] == "no: it is an ASGI app, which py-asyncio runs"


def test_a_module_that_stands_in_the_way(tmp_path):
    """pydantic is an extension module that refuses subinterpreters."""
    said = checked(tmp_path, "import pydantic\n" + WSGI, "--venv", sys.prefix)
    assert said["py-threads"] == "yes"
    assert said["py-subinterp"].startswith("no: ImportError: module pydantic_core._pydantic_core does not support")


def test_an_app_that_cannot_be_loaded(tmp_path):
    done = run("--check-app", "nowhere:app", "--app-dir", str(tmp_path))
    assert done.returncode == 3
    assert "APP: nowhere:app cannot be loaded: there is no module nowhere" in done.stderr
    assert done.stdout == ""


def test_a_module_that_is_imported_at_a_request(serve, tmp_path):
    """It is a 501, as if the app imported it at once."""
    (tmp_path / "main.py").write_text(
        "def app(environ, start_response):\n"
        "    if environ['PATH_INFO'] == '/late':\n"
        "        try:\n"
        "            import pydantic\n"
        "        except ImportError as error:\n"
        "            raise RuntimeError('a\\nlong\\nessay') from error\n"
        "    start_response('200 OK', [])\n"
        "    return [b'x']\n"
    )
    server = serve("--mode", "py-subinterp", "--venv", sys.prefix, "--app-dir", str(tmp_path), "main:app")
    for _ in range(5):
        status, _, body = server.get("/late")
        assert status == 501
        assert b"py-subinterp cannot run the app: ImportError: module pydantic_core" in body and b"essay" not in body
        assert server.get("/")[0] == 200
    assert server.rejected("unsupported") == 5


def test_subinterpreters_do_what_the_main_interpreter_does(serve, tmp_path):
    """gh-117482: CPython 3.12.0 to 3.12.4 give built-in types methods that they only inherit."""
    (tmp_path / "main.py").write_text(
        "from http import HTTPStatus\n"
        "class Mixin:\n"
        "    def __str__(self): return 'mixin'\n"
        "    def __eq__(self, other): return True\n"
        "    def __repr__(self): return 'of the mixin'\n"
        "class Of(list, Mixin): pass\n"
        "class OfDict(dict, Mixin): pass\n"
        "class OfInt(int, Mixin): pass\n"
        "def app(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    own = [name for kind in (object, list, dict, int, float, str, type, set, tuple, BaseException)\n"
        "           for name in sorted(vars(kind))]\n"
        "    said = [str(Of()), str(OfDict()), str(OfInt()), str(HTTPStatus.OK), f'{HTTPStatus.OK}', own]\n"
        "    return [repr(said).encode()]\n"
    )
    answers = [
        serve("--mode", mode, "--app-dir", str(tmp_path), "main:app").get("/")[2]
        for mode in ("py-threads", "py-subinterp")
    ]
    assert answers[0] == answers[1]
    server = serve("--mode", "py-subinterp")
    assert "warning" not in server.model("py-subinterp")
