"""``./dev bench targets``: measures the targets that docs/performance.md promises."""
