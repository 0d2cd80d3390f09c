"""``./dev bench claims``: what is said of event loops and Python, judged by what was measured."""

from bench.claims.table import show
from bench.claims.verdicts import judge

__all__ = ["judge", "show"]
