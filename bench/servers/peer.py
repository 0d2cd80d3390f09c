"""A peer: another server, described by ``bench/peers/NAME/peer.toml``.

    title        the peer's name in the report
    language     of the application: "JavaScript", "Python", "C"
    about        a sentence: what the peer is, and what it stands for
    command      starts the peer; {here} is its folder, {installed} the result of ``./dev peers NAME``, {built} the
                 folder of the programs that bench/meson.build makes, {scratch} its own directory while it runs, {port}
                 the port on 127.0.0.1 to listen on
    workloads    the workloads of the comparison that it has, at the same paths and with the same bytes
    extras       further paths that it has; peers that share one answer it with the same bytes (optional)
    files        copied to {scratch} before the start; there @here@ and so on are filled in (optional)
    environment  a table of variables; the names in braces are filled in (optional)
    versions     commands that print the versions of its parts, a line each (optional)

``./dev peers`` installs packages.txt (Debian), requirements.txt (PyPI, into a venv) and package-lock.json (npm) to
build/peers/NAME. For a peer whose peer.toml has {built} it builds build/release. ``Containerfile`` builds an image with
the same packages; its first lines say how.

The code that peers of one language share is in bench/peers/shared. A peer starts in its simplest configuration; an
experiment may extend it. ``Peer("flask-gunicorn", "--workers", "2")`` works for gunicorn, uvicorn and granian, where
the last occurrence of an option counts. ``Peer("express", environment={"WORKERS": "2"})`` works for Node, which then
starts a cluster of that many workers.
"""

import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from bench.machine import variables
from bench.servers.listening import Listening, free_port
from bench.servers.server import Failed
from bench.servers.tandem import BUILT_BENCH, TOP

PEERS = Path(__file__).resolve().parent.parent / "peers"


def names():
    return sorted(path.parent.name for path in PEERS.glob("*/peer.toml"))


def describe(name):
    """Returns the content of the peer's peer.toml."""
    return tomllib.loads((PEERS / name / "peer.toml").read_text())


def places(name):
    """Returns the values of those names in braces in peer.toml that are the same for every start."""
    return {"here": PEERS / name, "installed": TOP / "build" / "peers" / name, "built": BUILT_BENCH}


def is_installed(name):
    """True if the peer's program exists and ``./dev peers`` has installed its packages, if it has any."""
    program = describe(name)["command"][0].format_map(places(name))
    packages = [PEERS / name / file for file in ("package-lock.json", "requirements.txt")]
    return shutil.which(program) is not None and (
        places(name)["installed"].exists() or not any(file.exists() for file in packages)
    )


def install(wanted):
    """Installs the missing packages of these peers. Raises Failed if that fails."""
    if wanted and subprocess.run([TOP / "dev", "peers", *wanted]).returncode != 0:
        raise Failed(f"could not install what these need: {', '.join(wanted)}")


def has(name, workload):
    about = describe(name)
    return workload.served_as in about["workloads"] or workload.path in about.get("extras", ())


def fill_in(words, known):
    return [word.format_map(known) for word in words]


def environment_of(about, known):
    variables = about.get("environment", {})
    return dict(zip(variables, fill_in(variables.values(), known), strict=True))


def versions(name):
    """Returns lines such as "express 5.1.0"."""
    about, known = describe(name), {**places(name), "port": 0}
    environment = variables.for_servers() | environment_of(about, known)
    lines = []
    for command in about.get("versions", ()):
        result = subprocess.run(fill_in(command, known), capture_output=True, text=True, env=environment)
        lines += (result.stdout or result.stderr).splitlines()
    return lines


def document(name, options):
    """Returns the peer's entry in results.json."""
    about = describe(name)
    command = " ".join([*about["command"], *options])
    for place in ("{installed}/venv/bin/", "{installed}/", "{built}/", "{here}/", "{scratch}/"):
        command = command.replace(place, "")
    return {
        "title": about["title"],
        "language": about["language"],
        "about": about["about"].strip(),
        "command": command,
        "versions": versions(name),
    }


class Peer(Listening):
    def __init__(self, name, *options, label=None, environment=None):
        self.about = describe(name)
        self.scratch = Path(tempfile.mkdtemp(prefix=f"tandem-{name}-"))
        port = free_port()
        self.places = {**places(name), "scratch": self.scratch, "port": port}
        for file in self.about.get("files", ()):
            self.copy(PEERS / name / file)
        command = [*fill_in(self.about["command"], self.places), *options]
        variables = environment_of(self.about, self.places) | (environment or {})
        super().__init__(label or name, port, command, variables)
        self.first_path = f"/{self.about['workloads'][0]}"

    def copy(self, path):
        text = path.read_text()
        for name, value in self.places.items():
            text = text.replace(f"@{name}@", str(value))
        (self.scratch / path.name).write_text(text)

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.scratch, ignore_errors=True)
