"""The rehearsal: before round 1 every tandem is started once and asked for each of its workloads.

An experiment that cannot work ends here, in seconds, and with a sentence: a server that does not start with its
options, a wrong answer, a path that the server counts as another workload. A peer that cannot work is a failed cell
among the others.
"""

import time

from bench.method import trial
from bench.method.workloads import ALL
from bench.servers.server import Failed, Unsupported
from bench.servers.tandem import APP_HAS_PATH

COUNTED_SECONDS = 2


def check_counted(server, workload):
    """tandem's own figures of a workload are found by its name, so it must count the request there. A loop may note it
    after its client has the answer."""
    deadline = time.monotonic() + COUNTED_SECONDS
    while workload.served_as not in (names := server.counted()) and time.monotonic() < deadline:
        pass
    if workload.served_as not in names:
        raise Failed(
            f"{server.name} counts {workload.path} as {', '.join(names) or 'nothing'}, not as its workload "
            f"{workload.served_as}{APP_HAS_PATH}. Measure {workload.name} in a server without an app"
        )


def rehearse(cells):
    """Of one server, each workload once. Failed says what cannot work."""
    with trial.server_of(cells[0]) as server:
        for workload in (ALL[name] for name in dict.fromkeys(cell.workload for cell in cells)):
            try:
                trial.check_answer(server, workload)
            except Unsupported:
                continue
            check_counted(server, workload)


def check(cells):
    """Failed, with a sentence for each server that cannot work."""
    by_server = {}
    for cell in cells:
        if cell.server.kind == "peer":
            continue
        by_server.setdefault(cell.server, []).append(cell)
    failures = []
    for of_server in by_server.values():
        try:
            rehearse(of_server)
        except Failed as failure:
            failures.append(str(failure))
    if failures:
        raise Failed("the experiment cannot work:\n" + "\n".join(failures))
