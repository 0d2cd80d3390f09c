"""``./dev bench``: what arguments.py lists."""

import signal
import sys

from bench import arguments
from bench.servers.server import Failed


def end_in_order(*_):
    """As an exception, so that what was started is stopped."""
    sys.exit(128 + signal.SIGTERM)


def main():
    options = arguments.read()
    signal.signal(signal.SIGTERM, end_in_order)
    # Not above: wrong usage and --help need neither build/venv nor the two seconds that SciPy takes to load.
    from rich.console import Console

    from bench import commands

    console = Console()
    if not console.is_terminal:
        console.width = 160

    try:
        return commands.COMMANDS.get(options.what, commands.run_experiment)(options, console)
    except Failed as failure:
        console.print(str(failure), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
