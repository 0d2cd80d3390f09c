"""An ASGI app of websockets, with a path for each behaviour that a test needs. /what-was-seen returns its notes."""

import asyncio
import json
import sys
from urllib.parse import unquote

seen = []


async def closed(receive):
    """Receives until the disconnect, and returns that event."""
    while (event := await receive())["type"] != "websocket.disconnect":
        pass
    return event


async def echo(scope, receive, send):
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})
    seen.append(f"echo: {event['type']} {event['code']} {event['reason']}")


async def show(scope, receive, send):
    await send({"type": "websocket.accept"})
    shown = {key: value for key, value in scope.items() if key != "state"}
    await send({"type": "websocket.send", "text": json.dumps(shown, default=lambda value: value.decode("latin-1"))})
    await send({"type": "websocket.send", "text": json.dumps([scope["state"]["started"], sorted(scope)])})


async def chosen(scope, receive, send):
    headers = [(b"X-One", b"1"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
    await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][-1], "headers": headers})
    await closed(receive)


async def refused(scope, receive, send):
    await send({"type": "websocket.close"})
    seen.append(f"refused: {(await receive())['type']}")


async def denied(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"x-why", b"because")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"are you?"})


async def closes(scope, receive, send):
    """Closes the websocket with the code and reason of the query."""
    await send({"type": "websocket.accept"})
    code, _, reason = unquote(scope["query_string"].decode()).partition("&")
    await send({"type": "websocket.close", "code": int(code), "reason": reason})
    event = await closed(receive)
    seen.append(f"closes: {event['code']}")


async def returns(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": b"bye"})


async def raises(scope, receive, send):
    await send({"type": "websocket.accept"})
    raise ValueError("raised by a websocket")


async def leaves_a_sender(scope, receive, send):
    """Returns while one of its Tasks waits to send to a client that reads nothing."""

    async def sender():
        try:
            while True:
                await send({"type": "websocket.send", "bytes": bytes(1_000_000)})
        except Exception as error:
            seen.append(f"sender: {error}")

    await send({"type": "websocket.accept"})
    asyncio.current_task().sender = asyncio.ensure_future(sender())
    await asyncio.sleep(0.1)


async def leaves_an_accepter(scope, receive, send):
    """Returns before one of its Tasks accepts the websocket."""

    async def accepter():
        try:
            await send({"type": "websocket.accept"})
        except Exception as error:
            seen.append(f"accepter: {error}")

    asyncio.current_task().accepter = asyncio.ensure_future(accepter())


async def raises_first(scope, receive, send):
    raise ValueError("raised by a handshake")


async def returns_first(scope, receive, send):
    pass


async def waits_first(scope, receive, send):
    seen.append("waits-first: called")
    event = await receive()
    seen.append(f"waits-first: {event['type']} {event['code']}")
    await send({"type": "websocket.accept"})


async def accepts_when_told(scope, receive, send):
    """Accepts the websocket after another client has come for /tells, or has left /tells-in-the-end."""
    await told.wait()
    await echo(scope, receive, send)


async def tells(scope, receive, send):
    told.set()
    await send({"type": "websocket.close"})


async def tells_in_the_end(scope, receive, send):
    await send({"type": "websocket.accept"})
    await closed(receive)
    told.set()


async def sends_much(scope, receive, send):
    """Sends messages of the size in the query until its client leaves."""
    await send({"type": "websocket.accept"})
    message = {"type": "websocket.send", "bytes": bytes(int(scope["query_string"]))}
    try:
        for number in range(1_000_000):
            seen.append(f"sends-much: {number}")
            await send(message)
    except OSError as error:
        seen.append(f"sends-much: {type(error).__name__}")
        raise


async def sends_one(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": bytes(int(scope["query_string"]))})
    await closed(receive)


async def from_many_tasks(scope, receive, send):
    """Sends more messages than there is room for, from one task each, and cancels the first task that has to wait.

    The last message is the number of that task.
    """
    await send({"type": "websocket.accept"})
    tasks = []

    def start():
        message = {"type": "websocket.send", "text": f"{len(tasks)} ".ljust(40_000)}
        tasks.append(asyncio.ensure_future(one(message)))

    async def one(message):
        await send(message)

    while not tasks or tasks[-1].done():
        if tasks:
            tasks[-1].result()  # raises if the client has left
        start()
        await asyncio.sleep(0)
    cancelled = len(tasks) - 1
    tasks[cancelled].cancel()
    for _ in range(50):
        start()
    await asyncio.gather(*tasks, return_exceptions=True)
    await send({"type": "websocket.send", "text": f"{cancelled} was cancelled"})


async def impatient(scope, receive, send):
    """Cancels each receive() after a millisecond and calls it again. No message may be lost."""
    await send({"type": "websocket.accept"})
    while True:
        try:
            event = await asyncio.wait_for(receive(), 0.001)
        except TimeoutError:
            continue
        if event["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": event["text"]})


async def takes_when_told(scope, receive, send):
    """Receives nothing before another client has come for /tells, or has left /tells-in-the-end."""
    await send({"type": "websocket.accept"})
    await told.wait()
    count = 0
    while (event := await receive())["type"] == "websocket.receive":
        count += 1
        if event.get("text") == "count":
            await send({"type": "websocket.send", "text": str(count)})


async def never_ends(scope, receive, send):
    await send({"type": "websocket.accept"})
    event = await closed(receive)
    seen.append(f"never-ends: {event['code']}")
    await asyncio.Event().wait()


async def wrong(scope, receive, send):
    """Sends the event in the query, before or after it accepts. Tells the client which exception that raised."""
    when, _, event = unquote(scope["query_string"].decode()).partition("&")
    message = json.loads(event)
    if "headers" in message:
        message["headers"] = [(name.encode(), value.encode()) for name, value in message["headers"]]
    if when == "after":
        await send({"type": "websocket.accept"})
    try:
        await send(message)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    else:
        text = "nothing"
    if when == "before":
        await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": text})


async def plain(scope, receive, send):
    """Answers an http request: the notes at /what-was-seen, "plain" elsewhere."""
    body = json.dumps(seen).encode() if scope["path"] == "/what-was-seen" else b"plain"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


async def app(scope, receive, send):
    global told
    if scope["type"] == "lifespan":
        await receive()
        told = asyncio.Event()
        scope["state"]["started"] = True
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("seen:", seen, file=sys.stderr)
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        await plain(scope, receive, send)
    else:
        assert await receive() == {"type": "websocket.connect"}
        name = scope["path"].removeprefix(scope["root_path"]).removeprefix("/").replace("-", "_")
        await globals()[name](scope, receive, send)
