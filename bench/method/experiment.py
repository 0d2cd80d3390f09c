"""Experiments: which servers, with which workloads, under which load. A TOML file each, ours in bench/experiments/.

    title = "The models, side by side"
    baseline = "py-threads"        # what the others are compared with; optional
    include = ["connections"]      # experiments whose grids come first; optional
    rounds = 5                     # of every cell
    seconds = 1.0                  # of load in each round
    warm_up_seconds = 0.3          # of load before them, each time

    [servers."py-threads, 1 thread"]       # a server by another name, with options of its own; optional
    server = "py-threads"                  # a model of tandem or a peer
    options = ["--threads", "1"]           # behind those it is started with; optional

    [[grid]]                       # every server × workload × connections × rate × idle is a cell
    servers = ["uv-loop", "py-threads, 1 thread", "express"]
    workloads = ["plaintext", "sleep"]     # names of bench/method/workloads.py
    connections = [64]             # optional, as all that follow
    rates = [1000, 20000]          # requests/s of an open loop; without it wrk drives as fast as it is answered
    idle = [0, 10000]              # connections that are open beside those
    cores = "split"                # "shared": the server and the load may use all cores
    baseline, rounds, seconds      # of this grid
"""

import itertools
import tomllib
from dataclasses import dataclass, replace
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


def names():
    return sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def read(name):
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
    return parse(document, path)


def parse(document, path):
    check_keys(document, {"title", "include", "servers", "grid", *DEFAULTS}, path)
    settings = {key: document.get(key, default) for key, default in DEFAULTS.items()}
    named = {name: server_spec(name, table, path) for name, table in document.get("servers", {}).items()}
    cells = [cell for included in document.get("include", ()) for cell in read(included).cells]
    for grid in document.get("grid", ()):
        cells += cells_of(grid, named, settings, path)
    unique = {cell.key: cell for cell in cells}
    if not unique:
        raise Failed(f"{path}: has neither a [[grid]] nor an include")
    return Experiment(path.stem, document.get("title", path.stem), cells=tuple(unique.values()), **settings)


def check_keys(table, known, path):
    unknown = sorted(set(table) - known)
    if unknown:
        raise Failed(f"{path}: unknown key {unknown[0]!r}; known here: {', '.join(sorted(known))}")


def server_spec(name, table, path):
    check_keys(table, {"server", "options"}, f"{path}: servers.{name}")
    return known_server(name, table.get("server", name), tuple(table.get("options", ())), path)


def known_server(name, runs, options, path):
    if runs not in MODELS and runs not in peer.names():
        raise Failed(f"{path}: no server {runs!r}; there are: {', '.join((*MODELS, *peer.names()))}")
    return ServerSpec(name, runs, options)


def cells_of(grid, named, settings, path):
    check_keys(grid, {"servers", "workloads", *GRID_DEFAULTS, *DEFAULTS}, f"{path}: [[grid]]")
    grid = {**GRID_DEFAULTS, **settings, **grid}
    for workload in grid.get("workloads", ()):
        if workload not in workloads.ALL:
            raise Failed(f"{path}: no workload {workload!r}; there are: {', '.join(workloads.ALL)}")
    if grid["cores"] not in ("split", "shared"):
        raise Failed(f'{path}: cores is "split" or "shared", not {grid["cores"]!r}')
    servers = [named.get(name) or known_server(name, name, (), path) for name in grid.get("servers", ())]
    sizes = (grid[key] for key in ("connections", "rates", "idle"))
    for workload, connections, rate, idle, server in itertools.product(grid.get("workloads", ()), *sizes, servers):
        yield Cell(
            server, workload, connections, rate, idle, grid["cores"], **{key: grid[key] for key in DEFAULTS}
        )


def changed(experiment, *, models=None, peers=None, chosen=None, options=(), **fields):
    """The experiment as the command line wants it: other servers, workloads (``chosen``), rounds and so on.

    ``models`` takes the place of tandem's servers, ``peers`` are added; both in every load that the experiment has.
    """
    loads = {cell.load: cell for cell in experiment.cells}
    cells = []
    for load, one in loads.items():
        servers = [cell.server for cell in experiment.cells if cell.load == load]
        if models is not None:
            servers = [ServerSpec(model, model) for model in models] + [s for s in servers if s.kind == "peer"]
        servers += [ServerSpec(name, name) for name in peers or () if name not in {s.name for s in servers}]
        cells += [replace(one, server=server) for server in servers]
    if chosen is not None:
        shapes = {cell.load[1:]: cell for cell in cells}
        servers = {cell.server.name: cell.server for cell in cells}.values()
        cells = [replace(c, workload=w, server=s) for w in chosen for c in shapes.values() for s in servers]
    for key, values in fields.items():
        if isinstance(values, list):  # a dimension of the load: its first value here, all of them below
            cells = [replace(cell, **{key: value}) for value in values for cell in cells]
        elif values is not None:
            cells = [replace(cell, **{key: values}) for cell in cells]
    cells = [replace(c, server=with_options(c.server, options)) for c in cells]
    settings = {key: fields[key] for key in DEFAULTS if fields.get(key) is not None}
    return replace(experiment, cells=tuple({cell.key: cell for cell in cells}.values()), **settings)


def with_options(server, options):
    return replace(server, options=(*server.options, *options)) if server.kind == "tandem" else server
