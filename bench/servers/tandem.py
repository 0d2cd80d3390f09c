"""The tandem server in one mode."""

import json
import os
import queue
import subprocess
import threading
from functools import cache
from pathlib import Path

from bench.machine import variables
from bench.machine.programs import first_line
from bench.servers.server import Failed, Server

TOP = Path(__file__).resolve().parent.parent.parent
TANDEM = TOP / "build" / "release" / "src" / "tandem"
BUILT_BENCH = TOP / "build" / "release" / "bench"  # built by bench/meson.build
NOSTATS = TOP / "build" / "nostats" / "src" / "tandem"


@cache
def models():
    """Returns ``{name: description}`` from ``tandem --models``, in its order. Raises Failed if tandem is not built."""
    try:
        result = subprocess.run(
            [TANDEM, "--models"], capture_output=True, text=True, check=True, env=variables.for_servers()
        )
        said = json.loads(result.stdout)
    except FileNotFoundError as error:
        raise Failed(f"{TANDEM} is not built: ./dev bench builds it") from error
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        said = getattr(error, "stderr", None) or error
        raise Failed(f"{TANDEM} --models does not list the models: {said}") from error
    return {model["name"]: model for model in said}


@cache
def default(option):
    """Returns the default of an option such as "gc-threshold", as text."""
    printed = subprocess.run(
        [TANDEM, "--print-config"], capture_output=True, text=True, check=True, env=variables.for_servers()
    ).stdout
    return dict(line.split("=", 1) for line in printed.splitlines())[f"TANDEM_{option.replace('-', '_').upper()}"]


def version():
    return first_line(TANDEM, "--version")


def document(model, options):
    """Returns the model's entry in results.json."""
    about = models()[model]
    return {
        "title": f"tandem {model}",
        "language": about["language"],
        "about": about["summary"],
        "command": " ".join(["tandem", "--mode", model, *options]),
        "versions": [version()],
    }


PAGES = "/_tandem"  # the prefix of tandem's own pages, whatever has the root
APP = "app"  # the workload under which requests to the user's app are counted
APP_HAS_PATH = ": the app that its options mount has that path"


def ready_line(stdout, seconds=None):
    """Returns the line by which a tandem says that it is ready; empty if its output or that time ended first.

    What the user's app prints before is skipped. What it prints later is read, too, so that it never fills the pipe.
    """
    found = queue.SimpleQueue()
    output = os.fdopen(os.dup(stdout.fileno()), errors="replace")  # the thread's own: the caller may close stdout

    def read():
        with output:
            for line in output:
                if line.startswith("tandem ready "):
                    found.put(line)
            found.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return ""


def port_of(line):
    return int(line.split()[2].rsplit(":", 1)[1])


class Tandem(Server):
    def __init__(self, model, *options, name=None, binary=TANDEM):
        command = [binary, "--mode", model, "--port", "0", "--log-level", "warn", "--pages", PAGES, *options]
        super().__init__(name or model, command)
        self.model = model
        self.first_path = f"{PAGES}/stats" if model.startswith("compare") else "/plaintext"

    def wait_until_ready(self):
        line = ready_line(self.process.stdout)
        if not line:
            self.process.wait(20)
            self.fail("did not start")
        return port_of(line)

    def ask(self, method, path):
        status, body = self.request(method, path)
        if status not in (200, 201):
            self.fail(f"answers {path} with {status}")
        return json.loads(body)

    def because(self):
        return APP_HAS_PATH if APP in self.counted() else ""

    def counted(self):
        """Returns the names of the workloads with at least one request. The user's app counts as "app"."""
        workloads = self.stats()["models"][self.model]["workloads"]
        return [name for name, one in workloads.items() if one["requests_total"]]

    def stats(self):
        return self.ask("GET", f"{PAGES}/stats")

    def mark(self, name):
        self.ask("POST", f"{PAGES}/stats/marks/{name}")

    def stats_since(self, name):
        return self.ask("GET", f"{PAGES}/stats?since={name}")
