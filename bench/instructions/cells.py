"""The requests that are counted: plaintext in each model, a WSGI app in py-inline, an ASGI app in py-asyncio.

Each comes by itself on one connection. Some are also counted in batches, on many connections."""

from dataclasses import dataclass, replace

from bench.servers import peer
from bench.servers.tandem import models

APPS = peer.PEERS / "apps"
CONNECTIONS = 32


@dataclass(frozen=True)
class Cell:
    name: str
    options: tuple
    path: str
    answer: bytes
    connections: int = 1  # the server gets a request on each at once


def plaintext(model):
    return Cell(f"plaintext in {model}", ("--mode", model), "/plaintext", b"Hello, World!")


def app(model, name):
    options = ("--mode", model, "--app-dir", str(APPS), f"{name}_app:app")
    return Cell(f"{name} in {model}", options, "/", b"Hello from an app!")


def in_batches(cell):
    return replace(cell, name=f"{cell.name}, {CONNECTIONS} connections", connections=CONNECTIONS)


APP_CELLS = (app("py-inline", "wsgi"), app("py-asyncio", "asgi"))
CELLS = (
    *map(plaintext, models()),
    *APP_CELLS,
    *map(in_batches, (plaintext("uv-loop"), *APP_CELLS)),
)
