"""What --interface auto takes an app for: functions, classes, instances, wrappers and the apps of frameworks."""

import asyncio
import functools
import importlib.util
import inspect
import sys
from pathlib import Path

import pytest

from support import run

SOURCE = Path(__file__).resolve().parents[2] / "pysrc" / "tandem" / "app.py"


@pytest.fixture(scope="module")
def app_module():
    spec = importlib.util.spec_from_file_location("tandem_app", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def asgi(scope, receive, send):
    pass


def wsgi(environ, start_response):
    return []


def plain_that_returns_a_coroutine(scope, receive, send):
    return asgi(scope, receive, send)


def wrapped(function):
    """A decorator that hides the signature, as most do."""

    @functools.wraps(function)
    def wrapper(*arguments, **keywords):
        return function(*arguments, **keywords)

    return wrapper


def of_requests(function):
    """A decorator like Werkzeug's Request.application: the function gets a request, the app gets two arguments."""

    @functools.wraps(function)
    def application(*arguments):
        return function(arguments[-2])

    return application


class Asgi:
    async def __call__(self, scope, receive, send):
        pass

    async def method(self, scope, receive, send):
        pass


class Wsgi:
    def __call__(self, environ, start_response):
        return []

    def method(self, environ, start_response):
        return []


class InSlot:
    """As Sentry's middleware: __call__ is a slot, which the constructor sets to a plain function."""

    __slots__ = ("__call__",)

    def __init__(self, function):
        self.__call__ = function


class WsgiResult:
    """A class whose instances are the result: WSGI's application class of PEP 3333."""

    def __init__(self, environ, start_response):
        pass

    def __iter__(self):
        return iter([])


class AsgiResult:
    def __init__(self, scope, receive, send):
        pass

    def __await__(self):
        return iter([])


def marked(function):
    """As asgiref marks functions that return coroutines."""
    function._is_coroutine = asyncio.coroutines._is_coroutine
    return function


def lambda_with_defaults():
    return lambda environ, start_response, more=None: []


def any_arguments(*arguments):
    return []


def django():
    from django.conf import settings
    from django.core import asgi, wsgi

    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"])
    return wsgi.get_wsgi_application(), asgi.get_asgi_application()


def starlette():
    from starlette.applications import Starlette

    return Starlette()


def fastapi():
    from fastapi import FastAPI

    return FastAPI()


def litestar():
    from litestar import Litestar

    return Litestar()


def quart():
    from quart import Quart

    return Quart("quart_app")


def falcon(kind):
    import falcon
    import falcon.asgi

    return {"wsgi": falcon.App, "asgi": falcon.asgi.App}[kind]()


def flask():
    from flask import Flask

    return Flask("flask_app")


def werkzeug():
    from werkzeug.wrappers import Request, Response

    @Request.application
    def application(request):
        return Response("Hello, World!")

    return application


def bottle():
    from bottle import Bottle

    return Bottle()


def pyramid():
    from pyramid.config import Configurator

    return Configurator().make_wsgi_app()


def a2wsgi(kind):
    from a2wsgi import ASGIMiddleware, WSGIMiddleware

    return {"asgi": WSGIMiddleware(wsgi), "wsgi": ASGIMiddleware(asgi)}[kind]


def sentry():
    from sentry_sdk.integrations.asgi import SentryAsgiMiddleware

    return SentryAsgiMiddleware(asgi)


def opentelemetry():
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return OpenTelemetryMiddleware(asgi)


KINDS = {
    "a coroutine function": (lambda: asgi, "asgi"),
    "a function": (lambda: wsgi, "wsgi"),
    "a function that returns a coroutine": (lambda: plain_that_returns_a_coroutine, "asgi"),
    "an instance with async __call__": (Asgi, "asgi"),
    "an instance with __call__": (Wsgi, "wsgi"),
    "an async method": (lambda: Asgi().method, "asgi"),
    "a method": (lambda: Wsgi().method, "wsgi"),
    "an instance with __call__ in a slot, async": (lambda: InSlot(asgi), "asgi"),
    "an instance with __call__ in a slot, of three": (lambda: InSlot(plain_that_returns_a_coroutine), "asgi"),
    "an instance with __call__ in a slot, of two": (lambda: InSlot(wsgi), "wsgi"),
    "a class of WSGI results": (lambda: WsgiResult, "wsgi"),
    "a class of ASGI results": (lambda: AsgiResult, "asgi"),
    "a partial coroutine function": (lambda: functools.partial(asgi), "asgi"),
    "a partial of a function": (lambda: functools.partial(wsgi), "wsgi"),
    "a partial that leaves three": (lambda: functools.partial(lambda a, b, c, d: asgi(b, c, d), 1), "asgi"),
    "a partial that leaves two": (lambda: functools.partial(lambda a, b, c: [], 1), "wsgi"),
    "a wrapped coroutine function": (lambda: wrapped(asgi), "asgi"),
    "a wrapped function": (lambda: wrapped(wsgi), "wsgi"),
    "a decorated function of requests": (lambda: of_requests(lambda request: []), "wsgi"),
    "a marked function": (lambda: marked(lambda *arguments: asgi(*arguments)), "asgi"),
    "a marked function, by inspect": (lambda: inspect.markcoroutinefunction(lambda *args: asgi(*args)), "asgi"),
    "a lambda with a default": (lambda_with_defaults, "wsgi"),
    "a function of any arguments": (lambda: any_arguments, "wsgi"),
    "Django, WSGI": (lambda: django()[0], "wsgi"),
    "Django, ASGI": (lambda: django()[1], "asgi"),
    "Starlette": (starlette, "asgi"),
    "FastAPI": (fastapi, "asgi"),
    "Litestar": (litestar, "asgi"),
    "Quart": (quart, "asgi"),
    "Falcon, WSGI": (lambda: falcon("wsgi"), "wsgi"),
    "Falcon, ASGI": (lambda: falcon("asgi"), "asgi"),
    "Flask": (flask, "wsgi"),
    "Werkzeug's Request.application": (werkzeug, "wsgi"),
    "Bottle": (bottle, "wsgi"),
    "Pyramid": (pyramid, "wsgi"),
    "WSGI in ASGI by a2wsgi": (lambda: a2wsgi("asgi"), "asgi"),
    "ASGI in WSGI by a2wsgi": (lambda: a2wsgi("wsgi"), "wsgi"),
    "Sentry's middleware": (sentry, "asgi"),
    "OpenTelemetry's middleware": (opentelemetry, "asgi"),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # of frameworks
@pytest.mark.parametrize("kind", KINDS)
def test_auto(app_module, kind):
    make, interface = KINDS[kind]
    assert app_module.interface_of(make()) == interface


def load(tmp_path, source, *options, mode="compare"):
    (tmp_path / "main.py").write_text(source)
    return run("--port", "0", "--mode", mode, "--app-dir", str(tmp_path), *options, "main:app")


def test_a_callable_that_is_no_app_is_refused(tmp_path):
    for source in ("def app():\n    return None\n", "class app:\n    pass\n", "def app(config=None):\n    return 1\n"):
        done = load(tmp_path, source)
        assert done.returncode == 3
        assert (
            "main:app cannot be called with environ and start_response; if it returns the app, give --factory"
            in done.stderr
        )


def test_what_is_said_explicitly_holds(serve, tmp_path):
    """An explicit --interface takes any callable: this one is ASGI by its three parameters, and its signature lies."""
    (tmp_path / "main.py").write_text(
        "import inspect\n"
        "def app(*arguments):\n"
        "    arguments[1]('200 OK', [])\n"
        "    return [b'x']\n"
        "def three(scope, receive, send): pass\n"
        "app.__signature__ = inspect.signature(three)\n"
    )
    assert run("--port", "0", "--mode", "py-threads", "--app-dir", str(tmp_path), "main:app").returncode == 2
    server = serve("--mode", "py-threads", "--app-dir", str(tmp_path), "--interface", "wsgi", "main:app")
    assert server.get("/")[2] == b"x"


def test_werkzeug_s_hello_world(serve, tmp_path):
    (tmp_path / "main.py").write_text(
        "from werkzeug.wrappers import Request, Response\n"
        "@Request.application\n"
        "def app(request):\n"
        "    return Response('Hello, World!')\n"
    )
    server = serve("--mode", "py-threads", "--venv", sys.prefix, "--app-dir", str(tmp_path), "main:app")
    assert server.get("/")[2] == b"Hello, World!"
