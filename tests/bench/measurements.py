"""Made-up cells of a results.json."""

from bench.method import significance

JITTER = (0.995, 1.005, 1.0, 0.998, 1.002)  # the factors by which five rounds differ


def rounds_of(median, jitter=JITTER):
    return [median * one for one in jitter]


def cell(server, figures=None, *, workload="json", connections=64, rate=None, idle=0, cores="split", **more):
    """Returns a measured cell. ``figures`` has the median of each figure, or a list of the values of its rounds."""
    values = {name: one if isinstance(one, list) else rounds_of(one) for name, one in (figures or {}).items()}
    return {
        "server": server,
        "workload": workload,
        "connections": connections,
        "rate": rate,
        "idle": idle,
        "cores": cores,
        "state": "measured",
        "reason": None,
        "invalid": [],
        "figures": {name: significance.figure(one) for name, one in values.items()},
        **more,
    }


def chosen_by(selector, figures, **more):
    """Returns the cell that a claim's selector selects."""
    return cell(figures=figures, **vars(selector), **more)


def rate(server, median, **more):
    return cell(server, {"requests_per_second": median}, **more)


def invalid(rule):
    return [{"rule": rule, "because": f"{rule} is amiss"}]
