"""The command line of ``./dev bench``, read and checked."""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

from bench.method import experiment, workloads
from bench.servers import peer
from bench.servers.tandem import TOP, models
from bench.targets import table as targets
from bench.targets.contest import Effort

RESULTS = TOP / "build" / "bench"
README_PARTS = ("results", "claims")

USAGE = """./dev bench [EXPERIMENT] [options]
       ./dev bench full            everything that the report shows, in less than an hour
       ./dev bench claims          what is said of event loops and Python, each claim with its verdict
       ./dev bench compare A B     what differs between two runs: their results.json, or the directories of their --out
       ./dev bench report A        report.html and report.md of such a run; with --readme PART,… README's tables
       ./dev bench targets         what docs/performance.md promises, in half an hour; of it the user's app
                                   beside other Python servers: --only wsgi,asgi,flask,fastapi,uploads;
                                   --record writes the tables of docs/performance.md
       ./dev bench instructions    instructions per request against the committed figures, in three minutes;
                                   --record writes those: bench/instructions/figures.json"""

RECORD = """of instructions: write the figures instead of comparing with them; of targets: write what was measured into
docs/targets.json, and the tables of docs/performance.md"""

DESCRIPTION = """Measures tandem's models, and other servers beside them. Without arguments: every model with four
workloads, in less than two minutes. EXPERIMENT is one of: {experiments}; or the path of a TOML file such as those in
bench/experiments/."""


@dataclass(frozen=True)
class Command:
    """What a command takes: a number of files, and options by their names in the parsed arguments."""

    files: int
    options: tuple


EXPERIMENT = Command(
    0, ("models", "peers", "workloads", "connections", "rate", "seconds", "rounds", "threads", "seed", "out")
)
COMMANDS = {
    "compare": Command(2, ()),
    "report": Command(1, ("readme", "out")),
    "targets": Command(0, ("only", "rounds", "seconds", "record", "out")),
    "instructions": Command(0, ("record",)),
}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """Ends with a message that stands alone: argparse would print the usage before it, which hides it."""
        self.exit(2, f"{self.prog}: {message}\n({self.prog} --help lists the commands and options)\n")


def list_of(parse):
    return lambda text: [parse(part) for part in text.split(",")]


def name_in(known):
    def parse(name):
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name!r} is none of: {', '.join(known)}")
        return name

    return parse


def whole_from(least):
    def parse(text):
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return int(text)

    return parse


def duration(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to 3600")
    return seconds


def parser():
    description = DESCRIPTION.format(experiments=", ".join(experiment.names()))
    made = Parser(prog="./dev bench", usage=USAGE, description=description)
    made.add_argument("what", nargs="?", default="comparison", metavar="EXPERIMENT", help="(default comparison)")
    made.add_argument("files", nargs="*", type=Path, help=argparse.SUPPRESS)
    say = made.add_argument
    say("--models", type=list_of(name_in(models())), metavar="A,B,…", help="these of tandem's, and no others")
    say(
        "--peers",
        type=list_of(name_in(peer.names())),
        metavar="A,B,…",
        help=f"these besides: {', '.join(peer.names())}",
    )
    say("--workloads", type=list_of(name_in(workloads.ALL)), metavar="A,B,…", help="these, and no others")
    say("--connections", type=list_of(whole_from(1)), metavar="N,…", help="open at once")
    say("--rate", type=list_of(whole_from(1)), metavar="R,…", help="requests/s of an open loop, whatever is answered")
    say("--seconds", type=duration, metavar="S", help="of load in each round")
    say("--rounds", type=whole_from(1), metavar="N", help="of every cell")
    say("--threads", type=whole_from(1), metavar="N", help="of each model that has some (default 4)")
    say("--record", action="store_true", help=RECORD)
    say(
        "--readme",
        type=list_of(name_in(README_PARTS)),
        metavar="A,B",
        help=f"of report: write these parts of README.md, and their documents in docs/: {', '.join(README_PARTS)}",
    )
    say("--seed", type=whole_from(0), metavar="N", help="of the order in the rounds (default: a new one, recorded)")
    say("--out", type=Path, metavar="DIR", help="for what is written (default build/bench)")
    say(
        "--only",
        type=list_of(name_in(targets.ALL)),
        metavar="A,B,…",
        help=f"of the targets: {', '.join(targets.ALL)}; --rounds and --seconds are for {', '.join(targets.OF_APPS)}",
    )
    return made


def given(options):
    """Returns the names of the options that were given."""
    return [
        name for name, value in vars(options).items() if name not in ("what", "files") and value not in (None, False)
    ]


def takers(option):
    """Says which commands take an option."""
    commands = [name for name, command in COMMANDS.items() if option in command.options]
    return ", ".join([*(("experiments",) if option in EXPERIMENT.options else ()), *commands])


def fault(options):
    """Says what is wrong with the combination of command, files and options; None if nothing is."""
    command = COMMANDS.get(options.what, EXPERIMENT)
    if len(options.files) != command.files:
        return f"{options.what} takes {command.files or 'no'} files or directories, not {len(options.files)}"
    for name in given(options):
        if name not in command.options:
            known = ", ".join(f"--{one}" for one in command.options) or "no option"
            return f"--{name} is for {takers(name)}; {options.what} takes {known}"
    fixed = [name for name in options.only or targets.ALL if name not in targets.OF_APPS]
    if options.what == "targets" and fixed and (options.rounds or options.seconds):
        return (
            f"--rounds and --seconds are for the targets of apps; name those: --only {','.join(targets.OF_APPS)} "
            f"(these have their own: {', '.join(fixed)})"
        )
    if options.readme and options.out:
        return "--readme writes README.md and docs/: there is no --out for it"
    return None


def read(arguments=None):
    made = parser()
    options = made.parse_args(arguments)
    if said := fault(options):
        made.error(said)
    options.only = options.only or list(targets.ALL)
    options.out = options.out or RESULTS
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    return options


def effort(options):
    """Returns the Effort for the targets of apps."""
    settings = {"rounds": options.rounds, "seconds": options.seconds}
    return Effort(**{key: value for key, value in settings.items() if value is not None})


def changes(options):
    """Returns the Changes to the experiment."""
    grid = {"workloads": options.workloads, "connections": options.connections, "rates": options.rate}
    settings = {"rounds": options.rounds, "seconds": options.seconds}
    return experiment.Changes(
        models=options.models,
        peers=options.peers,
        grid={key: value for key, value in grid.items() if value is not None},
        settings={key: value for key, value in settings.items() if value is not None},
        options=("--threads", str(options.threads)) if options.threads else (),
    )
