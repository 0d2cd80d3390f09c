"""The entry point of ``./dev bench``. arguments.py lists its commands and options."""

import signal
import sys

from bench import arguments
from bench.servers.server import Failed


def end_in_order(*_):
    """Handles SIGTERM by an exception, so that every started server is stopped."""
    sys.exit(128 + signal.SIGTERM)


def main():
    try:
        options = arguments.read()
    except Failed as failure:  # tandem is not built
        print(failure, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, end_in_order)
    # These imports come late: wrong usage and --help need neither build/venv nor the two seconds SciPy takes to load.
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
