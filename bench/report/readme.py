"""README.md's tables of results and docs/throughput.svg, written from committed documents.

A part of README has a document of its own, since two runs may have measured them:

results   docs/results.json: the table of servers, and the chart docs/throughput.svg
claims    docs/claims.json: the table of claims

A document holds what its part shows, and no more. A part stands between two lines in README.md, such as
``<!-- results: begin -->`` and ``<!-- results: end -->``. Nothing outside of them is changed.
"""

import json
import textwrap
from datetime import datetime
from pathlib import Path

from bench.claims import claims as known_claims
from bench.report import cells, markdown, units
from bench.servers.server import Failed

TOP = Path(__file__).resolve().parent.parent.parent
WORKLOADS = ("plaintext", "json", "sleep", "primes", "hash")
CHARTED = "json"  # this workload's rates are the chart, and the memory and startup in the table are those under it
FIGURES = ("requests_per_second", "resident_bytes", "startup_seconds")
LINE_WIDTH = 128


def replace(text, part, body, path):
    """Returns the text with another body between the part's markers. Failed says how the markers should be."""
    begin, end = (f"<!-- {part}: {word} -->" for word in ("begin", "end"))
    lines = text.splitlines(keepends=True)
    places = {marker: [n for n, line in enumerate(lines) if line.rstrip("\n") == marker] for marker in (begin, end)}
    for marker, found in places.items():
        if len(found) != 1:
            raise Failed(
                f"{path}: the line {marker!r} is there {len(found)} times, not once: what ./dev bench report writes "
                f"belongs between {begin!r} and {end!r}, each on a line of its own"
            )
    (first,), (last,) = places.values()
    if last < first:
        raise Failed(f"{path}: {end!r} is in line {last + 1}, before {begin!r} in line {first + 1}: it belongs after")
    return "".join([*lines[: first + 1], body, *lines[last:]])


def kept_figures(cell):
    return {name: cell["figures"][name] for name in FIGURES if name in cell["figures"]}


def kept_cell(cell):
    nothing = {"against": None, "phases": None, "bound_by": None}
    if cell["state"] == "measured":
        nothing["percentiles"] = {"server": None, "client": None}
    return {key: value for key, value in cell.items() if key != "index"} | nothing | {"figures": kept_figures(cell)}


def results_only(document):
    """Returns the document with the cells and figures that the results show."""
    missing = [name for name in WORKLOADS if name not in cells.workloads_of(document)]
    if missing:
        raise Failed(f"README's results show {', '.join(WORKLOADS)}; not measured: {', '.join(missing)}; "
                     "./dev bench full measures all of them")  # fmt: skip
    main = {name: cells.main(document, name) for name in WORKLOADS}
    loads = {load.without_workload() for load, _ in main.values()}
    if len(loads) > 1:
        raise Failed(f"README's results show one load, not several: {'; '.join(sorted(loads))}")
    shown = dict.fromkeys(cell["server"] for cell in main[WORKLOADS[0]][1])
    kept = [kept_cell(cell) for _, found in main.values() for cell in found if cell["server"] in shown]
    return document | {
        "servers": {name: document["servers"][name] for name in shown},
        "workloads": {name: document["workloads"][name] for name in WORKLOADS},
        "cells": kept,
        "claims": [],
    }


def claims_only(document):
    """Returns the document with its claims and nothing that was measured for anything else."""
    if not any(case["measured"] is not None for claim in document["claims"] for case in claim["cases"]):
        raise Failed("no claim was judged in this document: ./dev bench claims or full measures them")
    return document | {"servers": {}, "workloads": {}, "cells": []}


def order(document, by_server):
    """Returns the servers as README lists them: tandem's models, then the peers by language, the fastest first."""

    def place(name):
        server, cell = document["servers"][name], by_server[CHARTED].get(name)
        rate = cells.median(cell, "requests_per_second") if cell else None
        if server["kind"] == "tandem":
            return (0, False, "", 0)
        return (1, rate is None, server["language"], -(rate or 0))

    return sorted(document["servers"], key=place)


def rate(cell):
    if cell is None or cell["state"] != "measured":
        return ""
    text = f"{cells.median(cell, 'requests_per_second'):,.0f}"
    if cells.limited_by_load(cell):
        return f"≥ {text}"
    return f"{text} !" if cell["invalid"] else text


def row(name, by_server):
    found = [by_server[workload].get(name) for workload in WORKLOADS]
    measured = [cell for cell in (by_server[CHARTED].get(name), *found) if cell and cell["state"] == "measured"]
    memory, startup = ("", "")
    if measured:
        memory = units.megabytes(cells.median(measured[0], "resident_bytes"))
        startup = f"{cells.median(measured[0], 'startup_seconds') * 1e3:.0f} ms"
    return markdown.row([f"`{name}`", *map(rate, found), memory, startup])


def day(document):
    date = datetime.fromisoformat(document["environment"]["date"])
    return f"{date.day} {date:%B %Y}"


def results_text(document):
    by_workload = {workload: cells.main(document, workload) for workload in WORKLOADS}
    load = by_workload[CHARTED][0].without_workload()
    by_server = {name: {cell["server"]: cell for cell in found} for name, (_, found) in by_workload.items()}
    facts, experiment = document["environment"], document["experiment"]
    node = document["servers"].get("node-http", {"versions": []})["versions"]
    versions = "; ".join([*cells.facts(document, "kernel", "tandem", "python", "wrk"), *node])
    intro = (
        f"`./dev bench {experiment['name']}` gave these results on {day(document)}: {facts['placement']} "
        f"({facts['cpu']}, {facts['cores']} cores); {versions}. There were {experiment['rounds']} rounds of "
        f"{experiment['seconds']:g} s or more; the seed was {experiment['seed']}. The rates are requests/s of one "
        f"core, with {load}:"
    )
    broken = dict.fromkeys(
        one["rule"]
        for _, found in by_workload.values()
        for cell in found
        if not cells.limited_by_load(cell)
        for one in cell["invalid"]
    )
    marks = (
        "`≥` means that the load generator was the bottleneck and the server can do more. `!` marks a cell that is not "
        "to be relied on" + (f", by the rule {', '.join(f'`{rule}`' for rule in broken)}" if broken else "") + " "
        "([docs/methodology.md](docs/methodology.md#when-a-cell-is-not-to-be-relied-on))."
    )
    lines = [
        *wrapped(intro),
        "",
        markdown.row(["requests/s", *WORKLOADS, "MB", "starts in"]),
        "|---|" + "---:|" * (len(WORKLOADS) + 2),
        *(row(name, by_server) for name in order(document, by_server)),
        "",
        f"![Requests per second, {CHARTED}, {load}: bars with 95 % intervals](docs/throughput.svg)",
        "",
        *wrapped(marks),
    ]
    return "\n".join(lines) + "\n"


def wrapped(text):
    return textwrap.wrap(text, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)


def change(value):
    """Writes a change in percent, or as a ratio if it is very large."""
    if value >= 1000:
        return times(value / 100 + 1)
    text = f"{value:+.0f}"
    return ("0" if text in ("+0", "-0") else text), " %"


def times(value):
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}", " ×"


WRITERS = {
    "%": lambda value: (f"{value:.0f}", " %"),
    "×": times,
    "bytes": lambda value: (f"{value / 1e3:.1f}", " kB"),
    "seconds": lambda value: (f"{value * 1e3:.0f}", " ms"),
}


def case_text(case):
    """Writes the measured value with its interval, for example "+191 % (+158 to +243)". That something is less by some
    percent is a change with a minus sign."""
    if case["measured"] is None:
        return "not measured"
    write, numbers = WRITERS[case["unit"]], [case["measured"], case.get("low"), case.get("high")]
    if case["measure"] == "percent less":
        numbers = [None if number is None else -number for number in (numbers[0], numbers[2], numbers[1])]
    if case["measure"] in ("percent more", "percent less"):
        write = change
    (value, unit), *ends = ((None, None) if number is None else write(number) for number in numbers)
    has_interval = "low" in case and case["low"] != case["high"]
    span = f" ({ends[0][0] or '…'} to {ends[1][0] or '…'})" if has_interval else ""
    return (value + unit + span).replace("-", units.MINUS)


def claim_row(claim, names):
    cases = {case["label"]: case for case in claim["cases"]}
    lacking = [label for label in names if label not in cases]
    if lacking:
        raise Failed(f"claim {claim['id']!r} has no case {lacking[0]!r}, which bench/claims.toml shows in README")
    measured = "; ".join(f"{name} {case_text(cases[label])}" for label, name in names.items())
    return markdown.row([markdown.escape(claim["quote"]), f"**{claim['verdict']}**", measured])


def claims_text(document):
    shown = {
        claim.id: {case.label: case.readme for case in claim.cases if case.readme} for claim in known_claims.read()
    }
    experiment = document["experiment"]
    intro = (
        f"`./dev bench {experiment['name']}` gave these verdicts on {day(document)}, in {experiment['rounds']} rounds; "
        f"the seed was {experiment['seed']}:"
    )
    rows = [claim_row(claim, shown[claim["id"]]) for claim in document["claims"] if shown.get(claim["id"])]
    head = ["| the article | verdict | measured, with its 95 % interval |", "|---|---|---|"]
    return "\n".join([*wrapped(intro), "", *head, *rows]) + "\n"


PARTS = {
    "results": (results_only, results_text, Path("docs") / "results.json"),
    "claims": (claims_only, claims_text, Path("docs") / "claims.json"),
}


def serialised_list(key, items):
    """Returns a key of a document and its list as JSON, a line for each item."""
    lines = [json.dumps(item, ensure_ascii=False, allow_nan=False) for item in items]
    return f' "{key}": [' + ",".join(f"\n  {line}" for line in lines) + ("\n ]" if lines else "]")


def serialised(document):
    """Returns the document as JSON, a line for each cell and for each case, so that a new run is a readable diff."""
    rest = {key: value for key, value in document.items() if key not in ("cells", "claims")}
    text = json.dumps(rest, indent=1, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    lists = [serialised_list(key, document[key]) for key in ("cells", "claims")]
    return ",\n".join([text, *lists]) + "\n}\n"


def files(document, parts, top=TOP):
    """Returns ``{path: text}`` of the files that show these parts of the document. It writes nothing."""
    readme = top / "README.md"
    text, found = readme.read_text(), {}
    for part in parts:
        keep, write_text, path = PARTS[part]
        kept = keep(document)
        text = replace(text, part, write_text(kept), readme)
        found[top / path] = serialised(kept)
        if part == "results":
            found[top / "docs" / "throughput.svg"] = markdown.throughput_svg(kept, CHARTED)
    return {readme: text, **found}


def write(document, parts, top=TOP):
    """Writes the parts; returns the paths of the files. Nothing is written unless everything can be."""
    texts = files(document, parts, top)
    for path, text in texts.items():
        path.write_text(text)
    return list(texts)
