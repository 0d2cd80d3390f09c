"""A Starlette app of websockets sends the same here and under uvicorn."""

import asyncio
from contextlib import suppress

import pytest
import requests
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support import SANITIZED
from test_frameworks import reference, tandem

pytestmark = pytest.mark.skipif(
    bool(SANITIZED), reason="Starlette's C extensions are not sanitized, and slow beside it"
)

CLIENTS = 200


async def refusal(url):
    try:
        async with connect(url):
            return None
    except InvalidStatus as refused:
        return refused.response.status_code


async def end(ws):
    with suppress(ConnectionClosed):
        while True:
            await ws.recv()
    return ws.close_code, ws.close_reason


async def small_talk(url):
    found = {}
    async with connect(f"{url}/echo") as ws:
        await ws.send('{"a": [1, null, "\u00e9"]}')
        found["echo"] = await ws.recv()
        await ws.send("no json")
        found["no json"] = await end(ws)
    async with connect(f"{url}/guarded?key=right") as ws:
        await ws.send(b"\0\xff")
        found["accepted"] = ws.response.headers["X-Key"], await end(ws)
    async with connect(f"{url}/fails") as ws:
        found["fails"] = (await end(ws))[0]
    async with connect(f"{url}/chat/one", subprotocols=["other", "chat"]) as ws:
        found["chat"] = ws.subprotocol, await ws.recv()
        await ws.send("hello")
        found["said"] = await ws.recv()
    found["guarded"] = await refusal(f"{url}/guarded?key=wrong")
    found["missing"] = await refusal(f"{url}/missing")
    return found


async def read_until(ws, last):
    """Reads up to the message ``last``, and returns all messages."""
    heard = []
    while not heard or heard[-1] != last:
        heard.append(await asyncio.wait_for(ws.recv(), 60))
    return heard


async def big_talk(url):
    """All clients come, each says something, and each hears all of it. Then they leave one by one, the first last."""
    names = [f"client{number}" for number in range(CLIENTS)]
    # A client that does not read the messages must still see the close after them, so its queue is unlimited.
    members = [await connect(f"{url}/chat/{name}", max_queue=None) for name in names]
    await asyncio.gather(*(read_until(member, f"{names[-1]} comes") for member in members))
    await asyncio.gather(*(member.send("hello") for member in members))

    async def hear_all(member):
        return sorted([await asyncio.wait_for(member.recv(), 60) for _ in names])

    heard = await asyncio.gather(*(hear_all(member) for member in members))
    for member in members[1:]:
        await member.close()
        await read_until(members[0], f"{names[members.index(member)]} goes")
    await members[0].close()
    return names, heard


@pytest.fixture(scope="module")
def expected():
    with reference("uvicorn", "chat_app:app") as url:
        return asyncio.run(small_talk(url.replace("http", "ws")))


def test_the_same_as_under_uvicorn(expected):
    with tandem("py-asyncio", "chat_app:app") as url:
        found = asyncio.run(small_talk(url.replace("http", "ws")))
    assert found["echo"] == '{"got":{"a":[1,null,"\u00e9"]}}'
    assert found["no json"][0] == 1003
    assert found["accepted"] == ("right", (4001, "enough"))
    assert found["chat"] == ("chat", "one comes")
    assert (found["guarded"], found["missing"], found["fails"]) == (401, 403, 1011)
    found["fails"] = 1006  # uvicorn closes the connection without a close frame
    assert found == expected


def test_a_chat_room():
    with tandem("py-asyncio", "chat_app:app") as url:
        names, heard = asyncio.run(big_talk(url.replace("http", "ws")))
        assert requests.get(url, timeout=30).text == "0 in the room"
    everything = sorted(f"{name}: hello" for name in names)
    assert all(each == everything for each in heard)
