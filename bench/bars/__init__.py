"""``./dev bench bars``: what docs/performance.md promises, measured."""
