"""The requests that are counted: plaintext in each model, a WSGI app in py-inline, an ASGI app in py-asyncio."""

from dataclasses import dataclass

from bench.servers import peer
from bench.servers.tandem import models

APPS = peer.PEERS / "apps"


@dataclass(frozen=True)
class Cell:
    name: str
    options: tuple
    path: str
    answer: bytes


def app(model, name):
    options = ("--mode", model, "--app-dir", str(APPS), f"{name}_app:app")
    return Cell(f"{name} in {model}", options, "/", b"Hello from an app!")


CELLS = (
    *(Cell(f"plaintext in {model}", ("--mode", model), "/plaintext", b"Hello, World!") for model in models()),
    app("py-inline", "wsgi"),
    app("py-asyncio", "asgi"),
)
