"""The commands of ``./dev bench``, a function each.

Each takes the options that arguments.py has read and the console, and returns the exit status.
"""

import json
import sys

from bench import arguments, claims, report
from bench.instructions import guard, recorded
from bench.machine import environment, variables
from bench.method import experiment, rounds
from bench.report import difference, progress, readme, table
from bench.servers import app_server, peer
from bench.targets import page, shown
from bench.targets import table as targets


def say_written(console, paths):
    console.print(f"written: {', '.join(map(str, paths))}")


def say_where(console, facts):
    """Prints the assignment of cores, and which of the user's environment variables the servers do not see."""
    console.print(facts["placement"])
    if kept_out := variables.kept_out():
        console.print(kept_out, markup=False)


def run_experiment(options, console):
    chosen = experiment.read(options.what, arguments.changes(options))
    facts = environment.describe(sys.argv[1:])
    say_where(console, facts)
    with progress.of(console, rounds.steps(chosen)) as step:
        document = rounds.compare(chosen, options.seed, facts, step)
    table.show(console, document)
    if chosen.claims:
        document["claims"] = claims.judge(document)
        claims.show(console, document["claims"])
    say_written(console, report.write(document, options.out))
    return 0


def run_targets(options, console):
    needed = targets.needed(options.only)
    peer.install(needed)
    facts = environment.describe(sys.argv[1:])
    if "apps" in needed:
        facts["apps"] = app_server.versions()
    say_where(console, facts)
    with progress.of(console, len(options.only)) as step:
        results = targets.measure(options.only, step, arguments.effort(options))
    shown.show(console, results, facts)
    path = options.out / "targets.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema": 1, "environment": facts, "targets": results}, indent=1) + "\n")
    say_written(console, [path, *(page.record(results, facts) if options.record else ())])
    return 0 if all(result["held"] for result in results) else 1


def run_instructions(options, console):
    def progress_of(steps):
        return progress.of(console, steps)

    if options.record:
        guard.record(progress_of)
        say_written(console, [recorded.PATH])
        return 0
    comparison = guard.compare(progress_of)
    guard.show(console, comparison)
    return 1 if comparison.failed else 0


def run_compare(options, console):
    difference.show(console, *(report.read(path) for path in options.files))
    return 0


def run_report(options, console):
    path = options.files[0]
    if options.readme:
        say_written(console, readme.write(report.read(path, rounded=True), options.readme))
    else:
        say_written(console, report.write(report.read(path), options.out))
    return 0


COMMANDS = {"targets": run_targets, "compare": run_compare, "instructions": run_instructions, "report": run_report}
