"""An ASGI app with one route for each task of an ASGI server."""

import asyncio
import contextvars
import hashlib
import json
import threading
import time

seen = []
request_id = contextvars.ContextVar("request_id", default=None)


async def respond(send, body=b"", status=200, headers=(), more=False):
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def plain(scope, receive, send):
    await respond(send, b"Hello, World!", headers=[(b"content-type", b"text/plain"), (b"content-length", b"13")])


async def show(scope, receive, send):
    shown = {key: value for key, value in scope.items() if isinstance(value, (str, dict))}
    shown |= {key: scope[key].decode("latin-1") for key in ("raw_path", "query_string")}
    shown["headers"] = [[part.decode("latin-1") for part in pair] for pair in scope["headers"]]
    shown |= {"client": scope["client"], "server": scope["server"]}
    event = await receive()
    shown["event"] = {**event, "body": event["body"].decode("latin-1")}
    await respond(send, json.dumps(shown).encode(), headers=[[b"content-type", b"application/json"]])


async def fields(scope, receive, send):
    headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"x-latin", b"\xe9"), (b"server", b"mine")]
    headers += [(b"connection", b"close"), (b"transfer-encoding", b"chunked"), (b"x-empty", b"")]
    await respond(send, b"short and stout", 418, headers)


async def large_head(scope, receive, send):
    await respond(send, b"body", headers=[(b"x-large", b"h" * 60_000), (b"content-length", b"4")])


async def stream(scope, receive, send):
    await respond(send, b"0\n", more=True)
    for number in range(1, 5):
        await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"%d\n" % number, "more_body": True})
    await send({"type": "http.response.body"})


async def big(scope, receive, send):
    """Sends faster than any client reads, so send() has to wait."""
    await respond(send, more=True)
    for _ in range(500):
        await send({"type": "http.response.body", "body": b"x" * 20_000, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def endless(scope, receive, send):
    listener = asyncio.ensure_future(wait_for_disconnect(receive))
    await respond(send, more=True)
    while not listener.done():
        await send({"type": "http.response.body", "body": b"y" * 10_000, "more_body": True})
    seen.append("endless: " + await listener)


async def wait_for_disconnect(receive):
    while (event := await receive())["type"] != "http.disconnect":
        pass
    return event["type"]


async def waits(scope, receive, send):
    """Answers after the client has left or has closed its sending side."""
    seen.append("waits: called")
    seen.append("waits: " + await wait_for_disconnect(receive))
    await respond(send, b"good-bye")


async def waits_in_a_stream(scope, receive, send):
    await respond(send, b"first", more=True)
    seen.append("stream: " + await wait_for_disconnect(receive))
    await send({"type": "http.response.body", "body": b"last"})


async def polls(scope, receive, send):
    """Polls receive() with a short time limit until the body is complete, then sends the body back."""
    events = []
    while not events or events[-1].get("more_body"):
        try:
            events.append(await asyncio.wait_for(receive(), 0.001))
        except TimeoutError:
            seen.append("polls: in vain")
    await respond(send, memoryview(b"".join(event["body"] for event in events)))


async def after(scope, receive, send):
    """Keeps running after its response is complete."""
    await respond(send, b"whole")
    seen.append("after: " + await wait_for_disconnect(receive))
    await asyncio.sleep(0.02)
    seen.append("after: done")


async def background(scope, receive, send):
    """Works on after its answer, in the event loop and in a thread."""
    await respond(send, b"soon")
    thread = threading.Thread(target=lambda: (time.sleep(0.5), print("the thread is done", flush=True)))
    thread.start()
    await asyncio.sleep(0.3)
    print("the background is done", flush=True)


async def what_was_seen(scope, receive, send):
    await respond(send, json.dumps(seen).encode())


async def count(scope, receive, send):
    digest, total, more = hashlib.sha256(), 0, True
    while more:
        event = await receive()
        digest.update(event["body"])
        total += len(event["body"])
        more = event["more_body"]
    await respond(send, f"{total} {digest.hexdigest()}".encode())


async def reads_late(scope, receive, send):
    await asyncio.sleep(0.5)
    await count(scope, receive, send)


async def echo_pieces(scope, receive, send):
    """Starts the answer before it has read the body."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event["body"], "more_body": more})


async def left(scope, receive, send):
    """Reads the body until its client leaves in the middle."""
    events = [event["type"] async for event in until_disconnect(receive)]
    seen.append("left: " + " ".join(dict.fromkeys(events)))


async def until_disconnect(receive):
    event = {"type": None}
    while event["type"] != "http.disconnect":
        event = await receive()
        yield event


async def context(scope, receive, send):
    before = request_id.get()
    request_id.set(scope["query_string"].decode())
    await asyncio.sleep(0.01)
    await respond(send, f"{before} {request_id.get()}".encode())


async def state(scope, receive, send):
    scope["state"]["private"] = scope["state"].get("private", 0) + 1
    scope["state"]["shared"].append(1)
    await respond(send, f"{scope['state']['private']} {len(scope['state']['shared']) > 0}".encode())


async def raises(scope, receive, send):
    raise ValueError("raised by the app")


async def raises_later(scope, receive, send):
    await respond(send, b"first", more=True)
    await asyncio.sleep(0)
    raise ValueError("raised in the middle")


async def nothing(scope, receive, send):
    await asyncio.sleep(0)


async def half(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})


async def too_long(scope, receive, send):
    await respond(send, b"four", headers=[(b"content-length", b"3")])


async def too_short(scope, receive, send):
    await respond(send, b"six", headers=[(b"content-length", b"6")], more=True)
    await send({"type": "http.response.body"})


async def twice(scope, receive, send):
    await respond(send, b"once", more=True)
    await send({"type": "http.response.start", "status": 200})


async def body_first(scope, receive, send):
    await send({"type": "http.response.body", "body": b"x"})


async def text(scope, receive, send):
    await respond(send, "text")


async def bad_status(scope, receive, send):
    await respond(send, b"", status=int(scope["query_string"]))


async def bad_event(scope, receive, send):
    await send({"type": "websocket.accept"})


async def bad_header(scope, receive, send):
    await respond(send, b"", headers=[("x-a", "text")])


async def empty(scope, receive, send):
    await respond(send, status=204)


async def lifespan(scope, receive, send):
    scope["state"]["shared"] = []
    assert (await receive())["type"] == "lifespan.startup"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    print("the app is shut down", flush=True)
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(scope, receive, send)
    path = scope["path"].removeprefix(scope["root_path"])
    route = globals().get(path.strip("/").split("/")[0].replace("-", "_") or "plain")
    if route is None or not callable(route):
        return await respond(send, b"not found", 404)
    return await route(scope, receive, send)


async def without_lifespan(scope, receive, send):
    assert scope["type"] == "http"
    await plain(scope, receive, send)


async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database today"})


class Callable:
    async def __call__(self, scope, receive, send):
        await app(scope, receive, send)


instance = Callable()
