"""tandem in one mode."""

import json
from pathlib import Path

from bench.servers.server import Server

TOP = Path(__file__).resolve().parent.parent.parent
TANDEM = TOP / "build" / "release" / "src" / "tandem"
NOSTATS = TOP / "build" / "nostats" / "src" / "tandem"

MODELS = ("uv-loop", "uv-pool", "py-inline", "py-threads", "py-asyncio", "py-subinterp")


class Tandem(Server):
    def __init__(self, model, *options, name=None, binary=TANDEM):
        command = [binary, "--mode", model, "--port", "0", "--log-level", "warn", *options]
        super().__init__(name or model, command)
        self.model = model
        self.first_path = "/stats" if model.startswith("compare") else "/plaintext"

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if not line.startswith("tandem ready http://127.0.0.1:"):
            self.process.wait(20)
            self.fail("did not start")
        return int(line.split()[2].rsplit(":", 1)[1])

    def stats(self):
        status, body = self.get("/stats")
        if status != 200:
            self.fail(f"answers /stats with {status}")
        return json.loads(body)
