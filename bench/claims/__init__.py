"""``./dev bench claims``: what is said of event loops and Python, judged by what was measured."""
