"""The targets that docs/performance.md promises, each measured in one run together with its reference."""

from bench.servers.server import Failed
from bench.targets import apps, host, models, uploads
from bench.targets.ratios import not_measured

ON_TANDEM = {
    "models": models.models_beside_others,
    "browser": models.browser,
    "loops": models.loops,
    "cores": models.second_core,
    "coroutines": models.sleeping_coroutines,
    "statistics": models.statistics_on,
    "connections": models.open_connections,
    "sleepers": host.sleepers,
    "hung": host.hung,
    "sleep": host.sleeping_connections,
    "startup": host.startup,
    "memory": host.memory,
    "idle": host.idle_connections,
}
OF_APPS = {  # each takes an Effort
    "wsgi": apps.wsgi,
    "asgi": apps.asgi,
    "flask": apps.flask,
    "fastapi": apps.fastapi,
    "uploads": uploads.uploads,
}
ALL = ON_TANDEM | OF_APPS
PEERS = {"models": models.BESIDE, "browser": ("nginx",)} | dict.fromkeys(OF_APPS, ("apps",))


def needed(names):
    """Returns the peers that these targets need."""
    return list(dict.fromkeys(peer for name in names for peer in PEERS.get(name, ())))


def measure(names, progress, effort):
    results = []
    for name in names:
        progress(ALL[name].__doc__.split("\n")[0])
        try:
            for one in OF_APPS[name](effort) if name in OF_APPS else ON_TANDEM[name]():
                results.append(one | {"group": name})
        except Failed as failure:  # earlier results are kept, and the next targets are still measured
            results.append(not_measured(name, str(failure)) | {"group": name})
    return results
