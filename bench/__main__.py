"""``./dev bench``: what arguments.py lists."""

import signal
import sys

from rich.console import Console

from bench import arguments
from bench.servers.server import Failed


def end_in_order(*_):
    """As an exception, so that what was started is stopped."""
    sys.exit(128 + signal.SIGTERM)


def main():
    options = arguments.read()
    signal.signal(signal.SIGTERM, end_in_order)
    console = Console()
    if not console.is_terminal:
        console.width = 160
    from bench import commands  # SciPy takes two seconds to load, which wrong usage and --help need not wait for

    try:
        return commands.COMMANDS.get(options.what, commands.run_experiment)(options, console)
    except Failed as failure:
        console.print(str(failure), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
