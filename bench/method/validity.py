"""The rules that a cell has to keep to be relied on. A cell that breaks one is still shown, with the reason.

The report shows the docstring of each rule.
"""

BUSY = 0.95  # of a core
LITTLE = 0.10
SPREAD = 0.10


def answers(cell, figures, trials):
    """Every request was answered without an error. In an open loop requests may remain unanswered."""
    errors = {}
    for trial in trials:
        for kind, count in trial.run.errors.items():
            if kind != "timeout" or cell.rate is None:  # past the knee an open loop leaves some unanswered
                errors[kind] = errors.get(kind, 0) + count
    found = ", ".join(f"{count} × {kind}" for kind, count in errors.items() if count)
    return f"requests failed or were answered with an error: {found}" if found else None


def under_way(cell, figures):
    """Returns how many requests were in flight on average, by Little's law; None in an open loop."""
    if cell.rate is not None:
        return None
    return figures["requests_per_second"]["median"] * figures["client_mean_seconds"]["median"]


def missing(cell, figures):
    """Returns the share of a closed loop's connections without a request in flight. It is below 0 if more requests than
    connections were in flight, and 0 in an open loop."""
    found = under_way(cell, figures)
    return 0.0 if found is None else 1 - found / cell.connections


def load(cell, figures, trials):
    """The load generator was not the bottleneck. Its core was less than 95 % busy; or the server's core was at least
    95 % busy, too, and at most 10 % of the connections waited in the load generator."""
    ours, theirs = figures["load_busy"]["median"], figures["server_busy"]["median"]
    if ours < BUSY:
        return None
    if theirs < BUSY:
        return f"the load generator was the bottleneck: its core was {ours:.0%} busy, the server's {theirs:.0%}"
    waiting = missing(cell, figures)
    if waiting > LITTLE:
        return (
            f"both were bottlenecks: the load generator's core was {ours:.0%} busy, too, and {waiting:.0%} of the "
            "connections waited in it"
        )
    return None


def littles_law(cell, figures, trials):
    """In a closed loop, rate × mean latency is the number of connections, within 10 %. It may be smaller by the
    connections that wait in the load generator: their share is at most the share of time that its core was busy."""
    off, busy = missing(cell, figures), figures["load_busy"]["median"]
    if -LITTLE <= off <= max(LITTLE, busy):
        return None
    found = f"rate × mean latency is {under_way(cell, figures):.1f}, with {cell.connections} connections"
    return f"{found}: {abs(off):.0%} off (Little's law); the load generator's core was {busy:.0%} busy"


def spread(cell, figures, trials):
    """The rates of the rounds lie within ± 10 %: half their range is at most 10 % of the median."""
    off = figures["requests_per_second"]["spread"]
    return f"requests/s spread by ± {off:.0%} from round to round" if off > SPREAD else None


RULES = {"answers": answers, "load": load, "littles-law": littles_law, "spread": spread}


def document():
    """Returns the rules as in results.json: ``{name: requirement}``."""
    return {name: rule.__doc__ for name, rule in RULES.items()}


def check(cell, figures, trials):
    """Returns the broken rules: ``[{"rule", "because"}]``, empty if the cell is valid."""
    found = ((name, rule(cell, figures, trials)) for name, rule in RULES.items())
    return [{"rule": name, "because": because} for name, because in found if because]
