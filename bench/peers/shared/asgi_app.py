"""The workloads as a bare ASGI application. It shows the cost of a server without a framework."""

from asyncio import sleep
from urllib.parse import parse_qs

import work

_TEXT = b"text/plain; charset=utf-8"
_JSON = b"application/json"


def _answer(value):
    return 200, _JSON, work.encode(value).encode()


def _error(status, text):
    return status, _JSON, work.encode({"error": text}).encode()


async def plaintext(query):
    return 200, _TEXT, work.TEXT.encode()


async def json(query):
    return _answer(work.message())


async def slept(query):
    ms = work.number(query, work.MS)
    await sleep(ms / 1000)
    return _answer(work.slept(ms))


async def primes(query):
    return _answer(work.primes(work.number(query, work.N)))


async def hashed(query):
    return _answer(work.hashed(work.number(query, work.KIB), work.number(query, work.ROUNDS)))


ROUTES = {"/plaintext": plaintext, "/json": json, "/sleep": slept, "/primes": primes, "/hash": hashed}


async def respond(scope):
    route = ROUTES.get(scope["path"])
    if route is None:
        return _error(404, "no such path")
    text = scope["query_string"]
    try:
        return await route(parse_qs(text.decode("latin-1"), keep_blank_values=True) if text else {})
    except work.BadParameter as error:
        return _error(400, str(error))


async def app(scope, receive, send):
    status, content_type, body = await respond(scope)
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
