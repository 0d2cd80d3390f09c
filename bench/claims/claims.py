"""The claims, read from ``bench/claims.toml``: the measure and the threshold of each, never its verdict.

    [[claim]]
    id = "requests"
    quote = "…"                            # the claim, in a few words
    article = "+44.9 %"                    # the article's figure for it
    about = "…"                            # why these cases test the claim
    figure, measure, holds, load           # defaults for the claim's cases

    [[claim.case]]
    label = "Express against FastAPI"
    figure = "requests_per_second"         # a figure of a cell, see docs/results.md
    measure = "percent more"               # one of bench/claims/measures.py
    holds = {at_least = 40}                # or at_most, or between = [40, 70]
    load = {workload = "json", connections = 400}    # also rate, idle, cores, as in an experiment's grid
    of = "express"                         # a server, or {server = …} with its own values for parts of the load
    to = "fastapi-uvicorn"                 # the server to compare with, in the same notation
    readme = "…"                           # the case's name in README's table, in Markdown; without it, it is not there

The measure "lines" compares sources instead: ``of`` and ``to`` are lists of paths or patterns relative to the top
directory.
"""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bench.claims import measures
from bench.method.experiment import GRID_DEFAULTS
from bench.servers.server import Failed

CLAIMS = Path(__file__).resolve().parent.parent / "claims.toml"

LOAD_DEFAULTS = {
    "connections": GRID_DEFAULTS["connections"][0],
    "rate": GRID_DEFAULTS["rates"][0],
    "idle": GRID_DEFAULTS["idle"][0],
    "cores": GRID_DEFAULTS["cores"],
}
LOAD = {"workload", *LOAD_DEFAULTS}
SHARED = {"figure", "measure", "holds", "load"}
THRESHOLDS = ("at_least", "at_most", "between")


@dataclass(frozen=True)
class Selector:
    """Selects a cell by the fields that identify one."""

    server: str
    workload: str
    connections: int
    rate: float | None
    idle: int
    cores: str

    @property
    def key(self):
        """The same as the key of an experiment's cell."""
        return (self.server, self.workload, self.connections, self.rate, self.idle, self.cores)

    def __str__(self):
        parts = [f"{self.workload} in {self.server}", f"{self.connections} connections"]
        parts += [f"{self.rate:g}/s"] if self.rate else []
        parts += [f"{self.idle} idle"] if self.idle else []
        parts += ["shared cores"] if self.cores == "shared" else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Threshold:
    """The claim holds from ``low`` to ``high``, which are infinite if there is no such limit."""

    low: float
    high: float

    def verdict(self, low, high):
        """Returns the verdict for a measured interval. An end of None is open to that side."""
        low, high = -math.inf if low is None else low, math.inf if high is None else high
        if self.low <= low and high <= self.high:
            return "holds"
        return "does not" if high < self.low or self.high < low else "open"


@dataclass(frozen=True)
class Case:
    """One comparison. ``of`` and ``to`` are Selectors, or tuples of source patterns. The measure "value" has no
    ``to``."""

    label: str
    figure: str | None
    measure: str
    holds: Threshold
    of: Selector | tuple
    to: Selector | tuple | None
    readme: str | None = None

    def selectors(self):
        return [one for one in (self.of, self.to) if isinstance(one, Selector)]


@dataclass(frozen=True)
class Claim:
    id: str
    quote: str
    article: str
    about: str
    cases: tuple


def read(path=CLAIMS):
    """Returns the claims in the order of the file. Failed names the file and, where it can, the claim at fault."""
    try:
        document = tomllib.loads(Path(path).read_text())
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path}: {error}") from error
    return parse(document, path)


def parse(document, path):
    check_keys(document, {"claim"}, (), path)
    claims = [to_claim(table, path) for table in document.get("claim", ())]
    ids = [claim.id for claim in claims]
    for one in ids:
        if ids.count(one) > 1:
            raise Failed(f"{path}: two claims have the id {one!r}")
    return claims


def check_keys(table, known, needed, where):
    if not isinstance(table, dict):
        raise Failed(f"{where}: a table is wanted, not {table!r}")
    for key in table:
        if key not in known:
            raise Failed(f"{where}: unknown key {key!r}; known here: {', '.join(sorted(known))}")
    for key in needed:
        if key not in table:
            raise Failed(f"{where}: has no {key!r}")


def to_claim(table, path):
    texts = ("id", "quote", "article", "about")
    where = f"{path}: claim {table.get('id', '?')!r}"
    check_keys(table, {*texts, "case", *SHARED}, (*texts, "case"), where)
    shared = {key: table[key] for key in SHARED if key in table}
    if not table["case"]:
        raise Failed(f"{where}: has no case")
    cases = tuple(to_case(case, shared, where) for case in table["case"])
    labels = [case.label for case in cases]
    if len(set(labels)) < len(labels):
        raise Failed(f"{where}: two cases have the same label")
    return Claim(*(table[key] for key in texts), cases)


def to_case(table, shared, where):
    where = f"{where}, case {table.get('label', '?')!r}"
    load = {**shared.get("load", {}), **table.get("load", {})}
    table = {**shared, **table, "load": load}
    check_keys(table, {"label", "of", "to", "readme", *SHARED}, ("label", "of", "measure", "holds"), where)
    measure = measures.ALL.get(table["measure"])
    if measure is None:
        raise Failed(f"{where}: no measure {table['measure']!r}; there are: {', '.join(measures.ALL)}")
    if measure.compares != ("to" in table):
        raise Failed(f"{where}: {table['measure']!r} {'needs a' if measure.compares else 'knows no'} 'to'")
    if measure.of_sources:
        of, to = tuple(table["of"]), tuple(table["to"])
    else:
        check_keys(table, table, ("figure",), where)
        of = to_selector(table["of"], load, where)
        to = to_selector(table["to"], load, where) if measure.compares else None
    if table["measure"] == "per connection" and of.idle <= to.idle:
        raise Failed(f"{where}: 'of' needs more idle connections than 'to'")
    holds = to_threshold(table["holds"], where)
    return Case(table["label"], table.get("figure"), table["measure"], holds, of, to, table.get("readme"))


def to_selector(chosen, load, where):
    chosen = {"server": chosen} if isinstance(chosen, str) else chosen
    check_keys(chosen, {"server", *LOAD}, ("server",), where)
    fields = {**LOAD_DEFAULTS, **load, **chosen}
    check_keys(fields, {"server", *LOAD}, ("workload",), where)
    return Selector(**fields)


def to_threshold(table, where):
    check_keys(table, THRESHOLDS, (), f"{where}, holds")
    if len(table) != 1:
        raise Failed(f"{where}: 'holds' has one of: {', '.join(THRESHOLDS)}")
    ((kind, limit),) = table.items()
    if kind == "between":
        if not isinstance(limit, list) or len(limit) != 2:
            raise Failed(f"{where}: 'between' has two numbers, not {limit!r}")
        low, high = limit
    else:
        low, high = (limit, math.inf) if kind == "at_least" else (-math.inf, limit)
    for number in (low, high):
        if not isinstance(number, int | float):
            raise Failed(f"{where}: {kind!r} is a number, not {number!r}")
    if low >= high:
        raise Failed(f"{where}: holds between {low:g} and {high:g}: nothing does")
    return Threshold(low, high)
