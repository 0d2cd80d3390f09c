"""Servers with apps/websocket_app.py, and clients of them."""

import json
from contextlib import suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support import APPS, Server, wait_until


def start(*options):
    return Server("--mode", "py-asyncio", "--app-dir", APPS, *options, "websocket_app:app")


def client(app, path, **more):
    return connect(f"ws://127.0.0.1:{app.port}{path}", max_size=None, **more)


def seen(app):
    return json.loads(app.get("/what-was-seen")[2])


def expect_seen(app, line):
    wait_until(lambda: line in seen(app))


def closed_with(ws):
    """Reads up to the close, and returns its code and reason."""
    with suppress(ConnectionClosed):
        while True:
            ws.recv(60)
    return ws.close_code, ws.close_reason
