"""tandem in one mode."""

import json
import subprocess
from pathlib import Path

from bench.servers.server import Server

TOP = Path(__file__).resolve().parent.parent.parent
TANDEM = TOP / "build" / "release" / "src" / "tandem"
BUILT_BENCH = TOP / "build" / "release" / "bench"  # what bench/meson.build makes
NOSTATS = TOP / "build" / "nostats" / "src" / "tandem"


ABOUT = {
    "uv-loop": ("C", "C that never waits, on the event loop that owns the connection: Node's model"),
    "uv-pool": ("C", "C that blocks, in libuv's thread pool: Node's worker threads"),
    "py-inline": ("Python", "Python that blocks, on the event loop itself: Node's model, in Python"),
    "py-threads": ("Python", "Python that blocks, in threads under one GIL: gunicorn gthread, mod_wsgi"),
    "py-asyncio": ("Python", "Python that awaits, on an asyncio loop of its own thread: uvicorn"),
    "py-subinterp": ("Python", "Python that blocks, in subinterpreters with a GIL each (PEP 684)"),
}
MODELS = tuple(ABOUT)


def version():
    return subprocess.run([TANDEM, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def document(model, options):
    """As results.json describes it."""
    language, about = ABOUT[model]
    return {
        "title": f"tandem {model}",
        "language": language,
        "about": about,
        "command": " ".join(["tandem", "--mode", model, *options]),
        "versions": [version()],
    }


APP_HAS_PATH = ": the app that its options mount has that path"


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

    def ask(self, method, path):
        status, body = self.request(method, path)
        if status not in (200, 201):
            self.fail(f"answers {path} with {status}")
        return json.loads(body)

    def because(self):
        return APP_HAS_PATH if "app" in self.counted() else ""

    def counted(self):
        """The names of the workloads that requests were counted of; an app's is "app"."""
        workloads = self.stats()["models"][self.model]["workloads"]
        return [name for name, one in workloads.items() if one["requests_total"]]

    def stats(self):
        return self.ask("GET", "/stats")

    def mark(self, name):
        self.ask("POST", f"/stats/marks/{name}")

    def stats_since(self, name):
        return self.ask("GET", f"/stats?since={name}")
