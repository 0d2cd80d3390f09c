"""Where tandem's own pages are: --pages, and what an app at the root has of its own."""

import json
import re

import pytest

from support import NATIVE_HANDLER, Client, run

# An app with pages of the same names as tandem's.
SOURCE = """
async def asgi(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"the app's " + scope["path"].encode()})

def wsgi(environ, start_response):
    start_response("200 OK", [])
    return [b"the app's " + environ["PATH_INFO"].encode()]
"""
PAGES = ["/stats", "/metrics", "/livez", "/readyz", "/stats/stream"]


@pytest.fixture
def app_dir(tmp_path):
    (tmp_path / "main.py").write_text(SOURCE)
    return str(tmp_path)


@pytest.mark.parametrize("admin", [(), ("--admin", "0")])
@pytest.mark.parametrize(
    ("model", "app"),
    [("py-inline", "wsgi"), ("py-threads", "wsgi"), ("py-subinterp", "wsgi"), ("py-asyncio", "asgi")],
)
def test_an_app_at_the_root_has_its_own_pages(serve, app_dir, model, app, admin):
    server = serve("--mode", model, "--app-dir", app_dir, *admin, f"main:{app}")
    for page in [*PAGES, "/", "/_tandem/other", "/_tandems"]:
        assert server.get(page)[2].decode() == f"the app's {page}"
    for page in ("/stats", "/metrics", "/livez", "/readyz"):
        status, headers, body = server.get(f"/_tandem{page}")
        assert status == 200 and headers["Server"] == "tandem" and b"the app's" not in body
    for index in ("/_tandem/", "/_tandem"):
        listed = json.loads(server.get(index)[2])["pages"]
        assert "/_tandem/stats" in listed and "/_tandem/" in listed
    if admin:
        assert server.admin().get("/readyz")[0] == 200


def test_a_handler_in_c_at_the_root_has_them_too(serve):
    server = serve("--mode", "uv-pool", "--native", NATIVE_HANDLER)
    assert b'"uptime_seconds"' in server.get("/_tandem/stats")[2]
    assert b'"uptime_seconds"' not in server.get("/stats")[2]


def test_without_an_app_at_the_root_they_are_there(serve, app_dir):
    for options in (("--mode", "uv-loop"), ("--mode", "compare", "--app-dir", app_dir, "main:wsgi")):
        server = serve(*options)
        assert server.get("/readyz")[0] == 200
        assert server.get("/_tandem/readyz")[0] == 404


def test_another_prefix(serve, app_dir):
    server = serve("--mode", "py-threads", "--app-dir", app_dir, "--pages", "/a/b", "main:wsgi")
    assert server.get("/a/b/readyz")[0] == 200
    assert server.get("/_tandem/readyz")[2] == b"the app's /_tandem/readyz"
    server = serve("--mode", "py-threads", "--app-dir", app_dir, "--pages", "/", "main:wsgi")
    assert json.loads(server.get("/readyz")[2]) == {"ready": True}
    assert server.get("/")[2] == b"the app's /"
    server = serve("--mode", "uv-loop", "--pages", "/x")
    assert json.loads(server.get("/nowhere")[2]) == {"error": "no workload nowhere; /x/ lists them"}
    assert "/x/stats" in json.loads(server.get("/x/")[2])["pages"]


def test_no_pages(serve, app_dir):
    server = serve("--mode", "py-threads", "--app-dir", app_dir, "--pages", "off", "--admin", "0", "main:wsgi")
    for path in ("/_tandem/stats", "/stats"):
        assert server.get(path)[2].decode() == f"the app's {path}"
    admin = Client()
    admin.port = int(re.search(r"admin at http://127\.0\.0\.1:(\d+)", server.log())[1])
    assert b'"uptime_seconds"' in admin.get("/stats")[2]
    server = serve("--mode", "uv-loop", "--pages", "off")
    assert server.get("/stats")[0] == 404
    assert server.get("/plaintext")[0] == 200


@pytest.mark.parametrize("prefix", ["stats", "/x/", "/a?b", "/%41", "", "//", "/" + 64 * "x"])
def test_what_is_no_prefix(prefix):
    done = run("--check-config", "--pages", prefix)
    assert done.returncode == 2
    assert f"--pages: '{prefix}' is not off, /, or a path of at most 64 bytes such as /_tandem, " in done.stderr


def test_the_healthcheck_follows(serve, app_dir):
    options = ("--mode", "py-threads", "--app-dir", app_dir, "main:wsgi")
    server = serve(*options)
    asked = ("--healthcheck", *options, "--port", str(server.port))
    assert run(*asked).returncode == 0
    without_app = ("--healthcheck", "--port", str(server.port))  # it was given to the server alone
    assert run(*without_app).returncode == 0
    done = run(*asked, "--pages", "/elsewhere")  # the app answers that, with 200
    assert done.returncode == 1
    assert "/elsewhere/readyz is not tandem; --pages says where its pages are" in done.stderr
    done = run(*asked, "--pages", "off")
    assert done.returncode == 2
    assert "--healthcheck: --pages off leaves no page to ask; --admin PORT serves one" in done.stderr
