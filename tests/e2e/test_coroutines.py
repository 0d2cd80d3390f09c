"""receive() and send() of an ASGI app give what libraries take for coroutines."""

import json
import sys
import textwrap

import pytest

SOURCE = """
import asyncio, collections.abc, functools, inspect, json, threading
import anyio

async def answer(send, what):
    body = json.dumps(what).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

async def what_it_is(receive, send):
    waits = receive()  # the body
    await waits
    found = []
    for made in (receive(), send({"type": "http.response.start", "status": 200})):
        found.append([asyncio.iscoroutine(made), inspect.iscoroutine(made), inspect.isawaitable(made),
                      isinstance(made, collections.abc.Coroutine), inspect.getcoroutinestate(made)])
        made.close()
    await send({"type": "http.response.body", "body": json.dumps(found).encode()})

async def tasks(receive, send):
    first = await asyncio.create_task(receive())
    second = asyncio.ensure_future(receive())  # waits for the client to leave
    await asyncio.sleep(0)
    assert second.get_stack() == []
    second.cancel()
    try:
        await second
    except asyncio.CancelledError:
        await answer(send, [first["type"], "cancelled"])

async def by_threads(receive, send):
    loop = asyncio.get_running_loop()
    def in_thread():
        future = asyncio.run_coroutine_threadsafe(receive(), loop)
        return future.result(10)["body"]
    body = await loop.run_in_executor(None, in_thread)
    left = asyncio.ensure_future(receive())  # for http.disconnect: the end of the answer wakes it
    def answer_in_thread():
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
        for event in (head, {"type": "http.response.body", "body": body}):
            asyncio.run_coroutine_threadsafe(send(event), loop).result(10)
    loop.set_debug(True)  # asyncio then refuses what another thread does to the loop
    await loop.run_in_executor(None, answer_in_thread)
    loop.set_debug(False)
    assert (await left)["type"] == "http.disconnect"

async def group(receive, send):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send, {"type": "http.response.start", "status": 200})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send, {"type": "http.response.body", "body": b'"sent"'})

async def waits(receive, send):
    await receive()
    with anyio.move_on_after(0.01) as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
    await answer(send, scope.cancelled_caught)

async def by_hand(receive, send):
    # What code without await does: send(None) until StopIteration.
    steps = receive()
    try:
        steps.send(None)
    except StopIteration as stop:
        got = stop.value["type"]
    try:
        receive().throw(ValueError("thrown"))
    except ValueError as error:
        await answer(send, [got, str(error)])

PATHS = {"/": what_it_is, "/tasks": tasks, "/threads": by_threads, "/group": group, "/waits": waits, "/hand": by_hand}

async def app(scope, receive, send):
    if scope["type"] == "http":
        await PATHS[scope["path"]](receive, send)
"""


@pytest.fixture(params=["asyncio", "uvloop"])
def server(serve, tmp_path, request):
    (tmp_path / "main.py").write_text(SOURCE)
    options = ("--asyncio-loop", request.param, "--venv", sys.prefix, "--app-dir", str(tmp_path))
    return serve("--mode", "py-asyncio", *options, "main:app")


def ask(server, path, body=b""):
    status, _, body = server.request("POST", path, body)
    assert status == 200, server.log()
    return json.loads(body)


def test_they_are_coroutines(server):
    assert ask(server, "/") == [[True, True, True, True, "CORO_CLOSED"]] * 2


def test_they_run_in_tasks_and_groups(server):
    assert ask(server, "/tasks") == ["http.request", "cancelled"]
    assert ask(server, "/threads", b'"the body"') == "the body"
    assert ask(server, "/group") == "sent"
    assert ask(server, "/waits") is True
    assert ask(server, "/hand") == ["http.request", "thrown"]


ECHO = """
        async def echo(scope, receive, send):
            if scope["type"] == "http":
                body, more = b"", True
                while more:
                    event = await receive()
                    body, more = body + event["body"], event["more_body"]
                await send({"type": "http.response.start", "status": 200})
                await send({"type": "http.response.body", "body": body})
"""

APPS = {
    "WSGI by a2wsgi": """
        from a2wsgi import WSGIMiddleware

        def wsgi(environ, start_response):
            body = environ["wsgi.input"].read()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]

        app = WSGIMiddleware(wsgi)
        """,
    "Flask in FastAPI by a2wsgi": """
        from a2wsgi import WSGIMiddleware
        from fastapi import FastAPI
        from flask import Flask, request

        flask = Flask("x")

        @flask.post("/")
        def echo():
            return request.get_data()

        app = FastAPI()
        app.mount("/", WSGIMiddleware(flask))
        """,
    "WSGI by asgiref": """
        from asgiref.wsgi import WsgiToAsgi

        def wsgi(environ, start_response):
            body = environ["wsgi.input"].read()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]

        inner = WsgiToAsgi(wsgi)

        async def app(scope, receive, send):
            if scope["type"] == "http":
                await inner(scope, receive, send)
        """,
    "Sentry": f"""
        from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
        {ECHO}
        app = SentryAsgiMiddleware(echo)
        """,
    "OpenTelemetry": f"""
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
        {ECHO}
        app = OpenTelemetryMiddleware(echo)
        """,
    "a test client's wrapper": f"""
        import asyncio
        {ECHO}
        def recorded(function, calls):
            def wrapper(*arguments):
                calls.append(function.__name__)
                return asyncio.ensure_future(function(*arguments))
            return wrapper

        async def app(scope, receive, send):
            calls = []
            await echo(scope, recorded(receive, calls), recorded(send, calls))
            assert scope["type"] != "http" or (calls[0], calls[-1]) == ("receive", "send")
        """,
}


@pytest.mark.parametrize("name", APPS)
def test_real_wrappers(serve, tmp_path, name):
    (tmp_path / "main.py").write_text(textwrap.dedent(APPS[name]))
    server = serve("--mode", "py-asyncio", "--venv", sys.prefix, "--app-dir", str(tmp_path), "main:app")
    for body in (b"", b"a body", b"x" * 300_000):
        status, _, answer = server.request("POST", "/", body)
        assert (status, answer) == (200, body), server.log()
