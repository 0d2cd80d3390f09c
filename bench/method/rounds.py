"""The comparison: all cells in interleaved rounds, each round in a new random order.

Round 1 measures every cell, then round 2 does, and so on. A temporary disturbance of the machine thus affects all cells
alike.
"""

import random
from dataclasses import dataclass, field

from bench.method import rehearsal, summary, trial, validity
from bench.method.workloads import ALL
from bench.servers import peer, tandem
from bench.servers.server import Failed, Unsupported


@dataclass
class Found:
    """The result of a cell so far: its trials, or the reason why it cannot be measured."""

    trials: list = field(default_factory=list)
    state: str = "measured"
    reason: str | None = None

    def give_up(self, state, error):
        self.state, self.reason = state, str(error)


def missing(cell):
    """Returns the reason if the cell's server is a peer without the workload, else None."""
    if cell.server.kind == "peer" and not peer.has(cell.server.runs, ALL[cell.workload]):
        return f"{cell.server.name} has no {cell.workload}"
    return None


def run(cells, seed, progress):
    """Measures the cells in rounds and returns ``{cell: Found}``."""
    order = random.Random(seed)
    found = {cell: Found() for cell in cells}
    for cell, one in found.items():
        if reason := missing(cell):
            one.give_up("unsupported", reason)
    for number in range(max(cell.rounds for cell in cells)):
        round_cells = [cell for cell in cells if number < cell.rounds]
        order.shuffle(round_cells)
        for cell in round_cells:
            progress(f"round {number + 1}/{cell.rounds}: {cell}")
            attempt(cell, found[cell])
    return found


def attempt(cell, found):
    """Runs a trial of the cell, unless one has failed before: a cell with a single failure cannot be relied on."""
    if found.state != "measured":
        return
    try:
        found.trials.append(trial.measure(cell))
    except Unsupported as reason:
        found.give_up("unsupported", reason)
    except Failed as reason:
        found.give_up("failed", reason)


def summarise(cell, found):
    if found.state != "measured":
        return summary.unmeasured(cell, found.state, found.reason)
    return summary.measured(cell, found.trials)


def steps(experiment):
    return sum(cell.rounds for cell in experiment.cells)


def compare(experiment, seed, environment, progress):
    """Runs the experiment. Returns the document of results.json, with its claims still empty."""
    peer.install(experiment.peers())
    rehearsal.check(experiment.cells)
    found = run(experiment.cells, seed, progress)
    summaries = [summarise(cell, found[cell]) for cell in experiment.cells]
    summary.compare(summaries, experiment.cells)
    specs = {cell.server.name: cell.server for cell in experiment.cells}
    return {
        "schema": 2,
        "experiment": {
            key: getattr(experiment, key)
            for key in ("name", "title", "baseline", "rounds", "seconds", "warm_up_seconds")
        }
        | {"seed": seed},
        "environment": environment,
        "servers": {name: describe(spec) for name, spec in specs.items()},
        "workloads": {name: ALL[name].document() for name in dict.fromkeys(c.workload for c in experiment.cells)},
        "rules": validity.document(),
        "cells": summaries,
        "claims": [],
    }


def describe(spec):
    kind = {"kind": spec.kind}
    if spec.kind == "peer":
        return kind | peer.document(spec.runs, spec.options)
    return kind | tandem.document(spec.runs, spec.options)
