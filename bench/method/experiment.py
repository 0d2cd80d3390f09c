"""Experiments: which servers, with which workloads, under which load. A TOML file each, ours in bench/experiments/.

title = "The models, side by side"
baseline = "py-threads"        # what the others are compared with; optional
include = ["connections"]      # experiments whose grids come first; optional. What follows goes for them, too, but
                               # for what a grid says of itself
rounds = 5                     # of every cell
seconds = 1.0                  # of load in each round; longer where answers take long (bench/method/trial.py)
warm_up_seconds = 0.3          # of load before them, each time

[servers."py-threads, 1 thread"]       # a server by another name, with options of its own; optional
server = "py-threads"                  # a model of tandem or a peer
options = ["--threads", "1"]           # behind those it is started with; optional

[[grid]]                       # what several name is measured once, in as many rounds as one of them says
                               # every server × workload × connections × rate × idle is a cell
servers = ["uv-loop", "py-threads, 1 thread", "express"]
workloads = ["plaintext", "sleep"]     # names of bench/method/workloads.py
connections = [64]             # optional, as all that follow
rates = [1000, 20000]          # requests/s of an open loop; without it wrk drives as fast as it is answered
idle = [0, 10000]              # connections that are open beside those
cores = "split"                # "shared": the server and the load may use all cores
baseline, rounds, seconds      # of this grid alone
"""

import itertools
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.method import workloads
from bench.servers import peer
from bench.servers.server import Failed
from bench.servers.tandem import MODELS

EXPERIMENTS = Path(__file__).resolve().parent.parent / "experiments"

DEFAULTS = {"rounds": 5, "seconds": 1.0, "warm_up_seconds": 0.3, "baseline": None}
GRID_DEFAULTS = {"connections": [64], "rates": [None], "idle": [0], "cores": "split"}


@dataclass(frozen=True)
class ServerSpec:
    """``name`` is the label in the report, ``kind`` "tandem" or "peer", ``runs`` the model or the peer."""

    name: str
    runs: str
    options: tuple = ()

    @property
    def kind(self):
        return "tandem" if self.runs in MODELS else "peer"


@dataclass(frozen=True)
class Cell:
    """What is measured as one: a server with a workload under a load. ``rate`` None is a closed loop."""

    server: ServerSpec
    workload: str
    connections: int
    rate: float | None
    idle: int
    cores: str
    baseline: str | None
    rounds: int
    seconds: float
    warm_up_seconds: float

    @property
    def key(self):
        """What tells it from the other cells of a comparison."""
        return (self.server.name, *self.load)

    @property
    def load(self):
        return (self.workload, self.connections, self.rate, self.idle, self.cores)

    def __str__(self):
        parts = [f"{self.workload} in {self.server.name}", f"{self.connections} connections"]
        parts += [f"{self.rate:g}/s"] if self.rate else []
        parts += [f"{self.idle} idle"] if self.idle else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Experiment:
    name: str
    title: str
    baseline: str | None
    rounds: int
    seconds: float
    warm_up_seconds: float
    cells: tuple

    def peers(self):
        return sorted({cell.server.runs for cell in self.cells if cell.server.kind == "peer"})


@dataclass(frozen=True)
class Changes:
    """What the command line wants otherwise; None leaves a thing as the file has it."""

    models: list | None = None  # in the place of tandem's servers
    peers: list | None = None  # beside the servers
    grid: dict = field(default_factory=dict)  # workloads, connections, rates, idle: of every grid
    settings: dict = field(default_factory=dict)  # rounds, seconds, … of everything
    included_settings: dict = field(default_factory=dict)  # of an including file: for grids that do not say otherwise
    options: tuple = ()  # for tandem, behind those of the file

    def servers(self, names, named):
        """Which servers a grid has; ``named`` tells which model or peer has what name."""
        if self.models is not None:
            names = [*self.models, *(name for name in names if named.get(name, name) not in MODELS)]
        return list(dict.fromkeys([*names, *(self.peers or ())]))


def names():
    return sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def read(name, changes=Changes()):
    """By the name of one of ours, or the path of a file. Failed says what is wrong, and where."""
    path = EXPERIMENTS / f"{name}.toml"
    if name not in names():
        path = Path(name)
        if path.suffix != ".toml" or not path.exists():
            raise Failed(f"no experiment {name!r}; there are: {', '.join(names())}; or give the path of a TOML file")
    try:
        document = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path}: {error}") from error
    return parse(document, path, changes)


def parse(document, path, changes=Changes()):
    """What an experiment says itself of rounds, seconds and so on goes for what it includes, too, but for what a grid
    says of itself."""
    check_keys(document, {"title", "include", "servers", "grid", *DEFAULTS}, path)
    own = {key: document[key] for key in DEFAULTS if key in document} | changes.included_settings
    settings = DEFAULTS | own | changes.settings
    named = {name: server_spec(name, table, path) for name, table in document.get("servers", {}).items()}
    cells = []
    for included in document.get("include", ()):
        cells += read(included, replace(changes, included_settings=own)).cells
    for grid in document.get("grid", ()):
        cells += cells_of(grid, named, settings, path, changes)
    unique = {}
    for cell in cells:
        if cell.key not in unique or cell.rounds > unique[cell.key].rounds:
            unique[cell.key] = cell
    if not unique:
        raise Failed(f"{path}: has neither a [[grid]] nor an include")
    return Experiment(path.stem, document.get("title", path.stem), cells=tuple(unique.values()), **settings)


def check_keys(table, known, where):
    unknown = sorted(set(table) - known)
    if unknown:
        raise Failed(f"{where}: unknown key {unknown[0]!r}; known here: {', '.join(sorted(known))}")


def server_spec(name, table, path):
    check_keys(table, {"server", "options"}, f"{path}: servers.{name}")
    return known_server(name, table.get("server", name), tuple(table.get("options", ())), path)


def known_server(name, runs, options, path):
    if runs not in MODELS and runs not in peer.names():
        raise Failed(f"{path}: no server {runs!r}; there are: {', '.join((*MODELS, *peer.names()))}")
    return ServerSpec(name, runs, options)


def numbers(grid, key, kind, least, path):
    for value in grid[key]:
        if value is not None and (isinstance(value, bool) or not isinstance(value, kind) or value < least):
            raise Failed(f"{path}: {key}: {value!r} is not a number from {least} on")
    return grid[key]


def cells_of(grid, named, settings, path, changes):
    """The cells of a grid, its loads in order, in each the servers."""
    check_keys(grid, {"servers", "workloads", *GRID_DEFAULTS, *DEFAULTS}, f"{path}: [[grid]]")
    grid = GRID_DEFAULTS | settings | grid | changes.grid | changes.settings
    for workload in grid.get("workloads", ()):
        if workload not in workloads.ALL:
            raise Failed(f"{path}: no workload {workload!r}; there are: {', '.join(workloads.ALL)}")
    if grid["cores"] not in ("split", "shared"):
        raise Failed(f'{path}: cores is "split" or "shared", not {grid["cores"]!r}')
    chosen = changes.servers(grid.get("servers", []), {name: spec.runs for name, spec in named.items()})
    servers = [named.get(name) or known_server(name, name, (), path) for name in chosen]
    sizes = (
        numbers(grid, "connections", int, 1, path),
        numbers(grid, "rates", int | float, 1, path),
        numbers(grid, "idle", int, 0, path),
    )
    for workload, connections, rate, idle in itertools.product(grid.get("workloads", ()), *sizes):
        for server in servers:
            spec = replace(server, options=(*server.options, *changes.options)) if server.kind == "tandem" else server
            settings_of_cell = {key: grid[key] for key in DEFAULTS}
            yield Cell(spec, workload, connections, rate, idle, grid["cores"], **settings_of_cell)
