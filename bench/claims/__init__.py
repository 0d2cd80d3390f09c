"""``./dev bench claims``: common claims about event loops and Python, judged by the measurements."""

from bench.claims.table import show
from bench.claims.verdicts import judge

__all__ = ["judge", "show"]
