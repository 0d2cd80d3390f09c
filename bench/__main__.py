"""The command line of ``./dev bench``."""

import argparse
import json
import sys
import time
from pathlib import Path

from rich.console import Console

from bench.bars import table as bars
from bench.machine import environment
from bench.method import comparison, workloads
from bench.report import table
from bench.servers.server import Failed
from bench.servers.tandem import MODELS

RESULTS = Path("build", "bench")  # dev runs this at the top of the repository


def names_of(known):
    def parse(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of: {', '.join(known)}")
        return names

    return parse


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def duration(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to 3600")
    return seconds


def parser():
    made = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measures tandem's models side by side with wrk. Without arguments: every model, every workload, "
        "in less than two minutes. 'bars' measures what docs/performance.md promises, in a quarter of an hour.",
    )
    made.add_argument("what", nargs="?", choices=("compare", "bars"), default="compare")
    made.add_argument("--models", type=names_of(MODELS), default=list(MODELS), metavar="A,B,…")
    made.add_argument("--workloads", type=names_of(workloads.ALL), default=list(workloads.ALL), metavar="A,B,…")
    made.add_argument("--connections", type=positive, default=64, metavar="N", help="open at once (default 64)")
    made.add_argument("--seconds", type=duration, default=0.7, metavar="S", help="per run of wrk (default 0.7)")
    made.add_argument("--rounds", type=positive, default=3, metavar="N", help="of every model and workload (default 3)")
    made.add_argument(
        "--threads", type=positive, default=4, metavar="N", help="of each model that has some (default 4)"
    )
    made.add_argument("--out", type=Path, default=RESULTS, metavar="DIR", help="for the figures (default build/bench)")
    made.add_argument("--only", type=names_of(bars.ALL), default=list(bars.ALL), metavar="A,B,…", help="of the bars")
    return made


class Progress:
    """A status line that says what is being measured and for how long yet; lines of their own where nobody watches."""

    def __init__(self, console, steps):
        self.console, self.steps, self.done, self.begun = console, steps, 0, time.monotonic()
        self.status = console.status("starting the servers") if console.is_terminal else None

    def __enter__(self):
        if self.status:
            self.status.start()
        return self.step

    def __exit__(self, *_):
        if self.status:
            self.status.stop()

    def step(self, text):
        elapsed = time.monotonic() - self.begun
        left = f", about {elapsed / self.done * (self.steps - self.done):.0f} s left" if self.done else ""
        line = f"[{self.done + 1}/{self.steps}] {text}{left}"
        self.done += 1
        if self.status:
            self.status.update(line)
        else:
            print(line, file=sys.stderr, flush=True)


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def run_comparison(options, console, facts):
    chosen = [workloads.ALL[name] for name in options.workloads]
    steps = len(options.models) * (1 + len(chosen) * options.rounds)
    with Progress(console, steps) as progress:
        cells = comparison.compare(options.models, chosen, options, progress)
    table.show(console, cells, facts)
    write(options.out / "results.json", {"schema": 1, "environment": facts, "cells": cells})
    console.print(f"written: {options.out / 'results.json'}")
    return 0


def run_bars(options, console, facts):
    with Progress(console, len(options.only)) as progress:
        results = bars.measure(options.only, progress)
    bars.show(console, results, facts)
    write(options.out / "bars.json", {"schema": 1, "environment": facts, "bars": results})
    console.print(f"written: {options.out / 'bars.json'}")
    return 0 if all(result["held"] for result in results) else 1


def main():
    options = parser().parse_args()
    console = Console()
    if not console.is_terminal:
        console.width = 140
    facts = environment.describe(sys.argv[1:])
    console.print(facts["placement"])
    try:
        return (run_bars if options.what == "bars" else run_comparison)(options, console, facts)
    except Failed as failure:
        console.print(f"[red]{failure}[/red]")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
