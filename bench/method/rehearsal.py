"""The rehearsal: before round 1 every tandem server is started once and asked for each of its workloads.

An experiment that cannot work ends here, within seconds and with a sentence for the user. Examples are a server that
does not start with its options, a wrong answer, and a path that the server counts as another workload. A peer that
cannot work does not end the experiment: its cells fail.
"""

import time
from contextlib import suppress

from bench.method import trial
from bench.method.workloads import ALL
from bench.servers.server import Failed, Unsupported
from bench.servers.tandem import APP, APP_HAS_PATH

COUNTED_SECONDS = 2


def check_counted(server, workload):
    """Raises Failed if the server does not count the request under the workload's name, by which its own figures are
    found. A loop may count a request after the client has the answer, so this waits up to COUNTED_SECONDS."""
    deadline = time.monotonic() + COUNTED_SECONDS
    while workload.served_as not in (names := server.counted()) and time.monotonic() < deadline:
        pass
    if workload.served_as not in names:
        raise Failed(
            f"{server.name} counts {workload.path} as {', '.join(names) or 'nothing'}, not as its workload "
            f"{workload.served_as}{APP_HAS_PATH}. Measure {workload.name} in a server without an app"
        )


def rehearse(cells):
    """Asks one server for each of its workloads once. ``cells`` are all of that server. Failed says what cannot
    work."""
    with trial.server_of(cells[0]) as server:
        for workload in (ALL[name] for name in dict.fromkeys(cell.workload for cell in cells)):
            status, body = workload.ask(server)
            if status in (404, 501) and APP not in server.counted():
                continue  # tandem does not have this workload: the cell will say so
            check_counted(server, workload)
            with suppress(Unsupported):
                trial.judge_answer(server, workload, status, body)


def check(cells):
    """Rehearses every tandem server. Raises Failed with a sentence for each that cannot work."""
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
