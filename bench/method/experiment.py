"""Experiments: servers, workloads and loads. Each is a TOML file; tandem's own are in bench/experiments/.

docs/experiments.md describes the file format; experiment.schema.json defines which values are allowed.
"""

import itertools
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import schemas
from bench.method import workloads
from bench.servers import peer
from bench.servers.server import Failed
from bench.servers.tandem import models

EXPERIMENTS = Path(__file__).resolve().parent.parent / "experiments"
SCHEMA = Path(__file__).resolve().with_name("experiment.schema.json")

ALL_MODELS = "models"  # in a grid's servers: every model of tandem

DEFAULTS = {"rounds": 5, "seconds": 1.0, "warm_up_seconds": 0.3, "baseline": None}
GRID_DEFAULTS = {"connections": [64], "rates": [None], "idle": [0], "cores": "split"}


@dataclass(frozen=True)
class ServerSpec:
    """A server of an experiment. ``name`` is the label in the report, ``runs`` the model or the peer, ``kind``
    "tandem" or "peer"."""

    name: str
    runs: str
    options: tuple = ()

    @property
    def kind(self):
        return "tandem" if self.runs in models() else "peer"


@dataclass(frozen=True)
class Cell:
    """One combination that is measured: a server with a workload under a load. A ``rate`` of None is a closed loop."""

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
        """Identifies the cell in a comparison."""
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
    claims: bool  # whether the cells judge the claims of bench/claims.toml

    def peers(self):
        return sorted({cell.server.runs for cell in self.cells if cell.server.kind == "peer"})


@dataclass(frozen=True)
class Changes:
    """Overrides from the command line; None keeps the value of the file."""

    models: list | None = None  # replace tandem's servers
    peers: list | None = None  # added to the servers
    grid: dict = field(default_factory=dict)  # workloads, connections, rates, idle: for every grid
    settings: dict = field(default_factory=dict)  # rounds, seconds, …: for every grid
    included_settings: dict = field(default_factory=dict)  # from an including file: defaults for the grids
    options: tuple = ()  # for tandem, after those of the file

    def servers(self, names, named):
        """Returns the servers of a grid. ``named`` maps a server's name to its model or peer."""
        names = [one for name in names for one in (models() if name == ALL_MODELS and name not in named else (name,))]
        if self.models is not None:
            names = [*self.models, *(name for name in names if named.get(name, name) not in models())]
        return list(dict.fromkeys([*names, *(self.peers or ())]))


def names():
    return sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def find(name, folder):
    """Returns the file of an experiment: one in bench/experiments/ by its name, any other by a path relative to
    ``folder``. Raises Failed if there is none."""
    if name in names():
        return EXPERIMENTS / f"{name}.toml"
    path = folder / name
    if path.suffix != ".toml":
        raise Failed(f"no experiment {name!r}; there are: {', '.join(names())}; or give the path of a TOML file")
    if not path.exists():
        raise Failed(f"there is no file {path}")
    return path


def read(name, changes=Changes(), folder=Path()):
    """Reads an Experiment by its name in bench/experiments/ or by the path of its file. Failed says what is wrong, and
    where."""
    path = find(name, folder)
    try:
        document = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path}: {error}") from error
    return parse(document, path, changes)


def check(document, path):
    """Raises Failed if the document violates the schema."""
    error = schemas.fault(document, SCHEMA)
    if error is None:
        return
    where = error.json_path.removeprefix("$").removeprefix(".")
    said = error.message[:300]
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = next(key for key in error.instance if key not in known)
        said = f"unknown key {unknown!r}; known here: {', '.join(known)}"
    if error.validator == "type" and "description" in error.schema:
        said += f"; {error.schema['description']}"
    raise Failed(": ".join(part for part in (str(path), where, said) if part))


def parse(document, path, changes=Changes()):
    """Returns the Experiment of a parsed file.

    The file's own settings (rounds, seconds and so on) also apply to the experiments that it includes. A grid's own
    settings take precedence over them.
    """
    check(document, path)
    own = {key: document[key] for key in DEFAULTS if key in document} | changes.included_settings
    settings = DEFAULTS | own | changes.settings
    named = {name: server_spec(name, table, path) for name, table in document.get("servers", {}).items()}
    cells = []
    for included in document.get("include", ()):
        cells += read(included, replace(changes, included_settings=own), path.parent).cells
    for grid in document.get("grid", ()):
        cells += cells_of(grid, named, settings, path, changes)
    unique = {}
    for cell in cells:
        if cell.key not in unique or cell.rounds > unique[cell.key].rounds:
            unique[cell.key] = cell
    if not unique:
        raise Failed(f"{path}: has neither a [[grid]] nor an include")
    title, claims = document.get("title", path.stem), document.get("claims", False)
    return Experiment(path.stem, title, cells=tuple(unique.values()), claims=claims, **settings)


def server_spec(name, table, path):
    return known_server(name, table.get("server", name), tuple(table.get("options", ())), path)


def known_server(name, runs, options, path):
    if runs not in models() and runs not in peer.names():
        raise Failed(f"{path}: no server {runs!r}; there are: {', '.join((*models(), *peer.names()))}")
    return ServerSpec(name, runs, options)


def check_baseline(name, named, path):
    if name is not None and name not in named:
        known_server(name, name, (), f"{path}: baseline")


def cells_of(grid, named, settings, path, changes):
    """Yields the cells of a grid: load by load, and server by server within a load."""
    grid = {"servers": [], "workloads": []} | GRID_DEFAULTS | settings | grid | changes.grid | changes.settings
    for workload in grid["workloads"]:
        if workload not in workloads.ALL:
            raise Failed(f"{path}: no workload {workload!r}; there are: {', '.join(workloads.ALL)}")
    check_baseline(grid["baseline"], named, path)
    chosen = changes.servers(grid["servers"], {name: spec.runs for name, spec in named.items()})
    for key, found in (("servers", chosen), ("workloads", grid["workloads"])):
        if not found:
            raise Failed(f"{path}: a [[grid]] has no {key}")
    servers = [named.get(name) or known_server(name, name, (), path) for name in chosen]
    sizes = (grid["connections"], grid["rates"], grid["idle"])
    for workload, connections, rate, idle in itertools.product(grid["workloads"], *sizes):
        for server in servers:
            spec = replace(server, options=(*server.options, *changes.options)) if server.kind == "tandem" else server
            settings_of_cell = {key: grid[key] for key in DEFAULTS}
            yield Cell(spec, workload, connections, rate, idle, grid["cores"], **settings_of_cell)
