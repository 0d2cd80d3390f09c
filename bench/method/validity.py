"""What makes a cell unfit to be relied on. It is shown all the same, with the reason."""

BUSY = 0.95  # of a core
LITTLE = 0.10
SPREAD = 0.10


def answers(cell, figures, trials):
    """Every request was answered, and with no error."""
    errors = {}
    for trial in trials:
        for kind, count in trial.run.errors.items():
            if kind != "timeout" or cell.rate is None:  # beyond the knee an open loop leaves some unanswered
                errors[kind] = errors.get(kind, 0) + count
    found = ", ".join(f"{count} × {kind}" for kind, count in errors.items() if count)
    return f"requests failed or were answered with an error: {found}" if found else None


def load(cell, figures, trials):
    """The load was not what limited: its core was less than 95 % busy, or the server's as busy."""
    ours, theirs = figures["load_busy"]["median"], figures["server_busy"]["median"]
    if ours >= BUSY > theirs:
        return f"the load's core was {ours:.0%} busy, the server's {theirs:.0%}: the load was what limited"
    return None


def littles_law(cell, figures, trials):
    """In a closed loop rate × mean latency is the number of connections, within 10 %."""
    if cell.rate is not None:
        return None
    under_way = figures["requests_per_second"]["median"] * figures["client_mean_seconds"]["median"]
    off = abs(under_way - cell.connections) / cell.connections
    if off > LITTLE:
        busy = figures["load_busy"]["median"]
        found = f"rate × mean latency is {under_way:.1f}, with {cell.connections} connections: {off:.0%} off"
        return f"{found} (Little's law); the load's core was {busy:.0%} busy"
    return None


def spread(cell, figures, trials):
    """The rounds lie within ± 10 %."""
    off = figures["requests_per_second"]["spread"]
    return f"requests/s spread by ± {off:.0%} from round to round" if off > SPREAD else None


RULES = {"answers": answers, "load": load, "littles-law": littles_law, "spread": spread}


def document():
    """As results.json has the rules: what each demands."""
    return {name: rule.__doc__ for name, rule in RULES.items()}


def check(cell, figures, trials):
    """``[{"rule", "because"}]``, empty where nothing is amiss."""
    found = ((name, rule(cell, figures, trials)) for name, rule in RULES.items())
    return [{"rule": name, "because": because} for name, because in found if because]
