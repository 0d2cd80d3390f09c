"""A Starlette app of websockets: an echo, a chat room, an endpoint that needs a key, and one that fails."""

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

room = {}


async def root(request):
    return PlainTextResponse(f"{len(room)} in the room")


class Echo(WebSocketEndpoint):
    encoding = "json"

    async def on_receive(self, websocket, data):
        await websocket.send_json({"got": data})


async def tell_all(text):
    for websocket in list(room.values()):
        await websocket.send_text(text)


async def chat(websocket):
    """Tells everybody in the room who comes, who says something, and who goes."""
    name = websocket.path_params["name"]
    await websocket.accept(subprotocol="chat" if "chat" in websocket.scope["subprotocols"] else None)
    room[name] = websocket
    await tell_all(f"{name} comes")
    try:
        async for text in websocket.iter_text():
            await tell_all(f"{name}: {text}")
    finally:
        del room[name]
    await tell_all(f"{name} goes")


async def guarded(websocket):
    if websocket.query_params.get("key") != "right":
        raise HTTPException(401, "the key is wrong")
    await websocket.accept(headers=[(b"x-key", b"right")])
    try:
        await websocket.receive_bytes()
    except WebSocketDisconnect as left:
        room[f"left with {left.code} {left.reason}"] = None
        return
    await websocket.close(4001, "enough")


async def fails(websocket):
    await websocket.accept()
    raise RuntimeError("raised in a websocket")


app = Starlette(
    routes=[
        Route("/", root),
        WebSocketRoute("/echo", Echo),
        WebSocketRoute("/chat/{name}", chat),
        WebSocketRoute("/guarded", guarded),
        WebSocketRoute("/fails", fails),
    ]
)
