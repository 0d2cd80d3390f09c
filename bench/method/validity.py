"""What makes a cell unfit to be relied on. It is shown all the same, with the reason."""

BUSY = 0.95  # of a core
LITTLE = 0.10
SPREAD = 0.10


def answers(cell, figures, trials):
    errors = {}
    for trial in trials:
        for kind, count in trial.run.errors.items():
            if kind != "timeout" or cell.rate is None:  # beyond the knee an open loop leaves some unanswered
                errors[kind] = errors.get(kind, 0) + count
    found = ", ".join(f"{count} × {kind}" for kind, count in errors.items() if count)
    return f"requests failed or were answered with an error: {found}" if found else None


def load(cell, figures, trials):
    """The load was what limited."""
    ours, theirs = figures["load_busy"]["median"], figures["server_busy"]["median"]
    if ours >= BUSY > theirs:
        return f"the load's core was {ours:.0%} busy, the server's {theirs:.0%}: the load was what limited"
    return None


def littles_law(cell, figures, trials):
    """Requests under way = rate × time under way. A closed loop has as many under way as connections."""
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
    off = figures["requests_per_second"]["spread"]
    return f"requests/s spread by ± {off:.0%} from round to round" if off > SPREAD else None


RULES = {"answers": answers, "load": load, "littles-law": littles_law, "spread": spread}

# What a cell has to keep, for the report.
SAYS = {
    "answers": "every request was answered, and with a status below 400",
    "load": f"the load's core was less than {BUSY:.0%} busy, or the server's was as busy",
    "littles-law": f"closed loop: rate × mean latency is within {LITTLE:.0%} of the connections, as it is if both "
    "are right (Little's law)",
    "spread": f"the rounds' rates lie no further than ± {SPREAD:.0%} apart",
}


def check(cell, figures, trials):
    """``[{"rule", "because"}]``, empty where nothing is amiss."""
    found = ((name, rule(cell, figures, trials)) for name, rule in RULES.items())
    return [{"rule": name, "because": because} for name, because in found if because]
