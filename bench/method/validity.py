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


def under_way(cell, figures):
    """How many requests were under way on average, by Little's law; None in an open loop."""
    if cell.rate is not None:
        return None
    return figures["requests_per_second"]["median"] * figures["client_mean_seconds"]["median"]


def missing(cell, figures):
    """The share of a closed loop's connections that were not under way; below 0 where more were than there are."""
    found = under_way(cell, figures)
    return 0.0 if found is None else 1 - found / cell.connections


def load(cell, figures, trials):
    """The load was not what limited: its core was less than 95 % busy; or the server's as busy, and at most 10 % of the
    connections waited in the load."""
    ours, theirs = figures["load_busy"]["median"], figures["server_busy"]["median"]
    if ours < BUSY:
        return None
    if theirs < BUSY:
        return f"the load's core was {ours:.0%} busy, the server's {theirs:.0%}: the load was what limited"
    waiting = missing(cell, figures)
    if waiting > LITTLE:
        return f"the load's core was {ours:.0%} busy, and {waiting:.0%} of the connections waited in it: both limited"
    return None


def littles_law(cell, figures, trials):
    """In a closed loop rate × mean latency is the number of connections, within 10 %, or less by those that wait in the
    load, which are at most as large a share as its core was busy."""
    off, busy = missing(cell, figures), figures["load_busy"]["median"]
    if -LITTLE <= off <= max(LITTLE, busy):
        return None
    found = f"rate × mean latency is {under_way(cell, figures):.1f}, with {cell.connections} connections"
    return f"{found}: {abs(off):.0%} off (Little's law); the load's core was {busy:.0%} busy"


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
