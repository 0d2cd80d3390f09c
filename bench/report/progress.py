"""The progress of a measurement and the time left: a bar on a terminal, separate lines in a log."""

import sys
import time

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Lines:
    def __init__(self, steps):
        self.steps, self.done, self.begun = steps, 0, time.monotonic()

    def __enter__(self):
        return self.step

    def __exit__(self, *_):
        pass

    def step(self, text):
        elapsed = time.monotonic() - self.begun
        left = f", about {elapsed / self.done * (self.steps - self.done):.0f} s left" if self.done else ""
        self.done += 1
        print(f"[{self.done}/{self.steps}] {text}{left}", file=sys.stderr, flush=True)


class Bar:
    def __init__(self, console, steps):
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        self.bar = Progress(*columns, console=console, transient=True)
        self.task = self.bar.add_task("", total=steps, completed=-1)

    def __enter__(self):
        self.bar.start()
        return self.step

    def __exit__(self, *_):
        self.bar.stop()

    def step(self, text):
        self.bar.update(self.task, advance=1, description=text)


def of(console, steps):
    """Returns a context manager that yields ``step(text)``, to be called before each step."""
    return Bar(console, steps) if console.is_terminal else Lines(steps)
