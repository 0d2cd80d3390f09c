"""docs/performance.md's tables, written from docs/targets.json.

The document keeps the last result of each target and the last contest of each app, with the day and the commit of its
run. A run of some targets (``--only``) replaces those, and leaves the others. A part of the page stands between two
lines, such as ``<!-- targets: begin -->`` and ``<!-- targets: end -->``.
"""

import json
from datetime import datetime

from bench.machine.programs import git
from bench.report import markdown, units
from bench.report.readme import replace, serialised_list
from bench.servers.tandem import TOP
from bench.targets import table
from bench.targets.ratios import limit_text
from bench.targets.shown import medians_text, rate_text

DOCUMENT = TOP / "docs" / "targets.json"
PAGE = TOP / "docs" / "performance.md"
MEASURED = ("src", "pysrc", "include", "bench", "meson.build")
KEPT = ("name", "what", "value", "limit", "at_most", "held", "medians")


def commit():
    """Returns the short name of the commit that was measured, with a + if files that matter differ from it; empty
    without git."""
    try:
        name = git("rev-parse", "--short=7", "HEAD").stdout.strip()
        return name + "+" if git("status", "--porcelain", "--", *MEASURED).stdout else name
    except OSError:
        return ""


def by_group(items):
    """Returns the items in the order of the groups in table.ALL. Those of a group that is gone are dropped."""
    return [item for group in table.ALL for item in items if item["group"] == group]


def kept_contest(contest):
    """Returns a contest with its medians only."""
    servers = {
        name: {key: value for key, value in found.items() if key != "rounds"}
        for name, found in contest["servers"].items()
    }
    return contest | {"servers": servers}


def merged(document, results, when):
    """Returns the document after a run: ``when`` is {"date": …, "commit": …} of it."""
    measured = {one["group"] for one in results}
    contests = {one["contest"]["title"]: (one["group"], one["contest"]) for one in results if "contest" in one}
    rows = [{"group": one["group"]} | {key: one[key] for key in KEPT} | when for one in results]
    held = [{"group": group} | kept_contest(contest) | when for group, contest in contests.values()]
    left = {key: [item for item in document[key] if item["group"] not in measured] for key in ("targets", "contests")}
    return {"targets": by_group(left["targets"] + rows), "contests": by_group(left["contests"] + held)}


def day(item):
    date = datetime.fromisoformat(item["date"])
    return f"{date.day} {date:%b %Y}, {item['commit']}".removesuffix(", ")


def target_row(one):
    name, what = markdown.escape(one["name"]), markdown.escape(one["what"])
    if one["value"] is None:
        return [name, what, "not measured", "", "", day(one)]
    value = f"{one['value']:.3f}" if one["value"] < 10 else units.digits(one["value"])
    medians = markdown.escape(medians_text(one))
    return [name, what, value if one["held"] else f"**{value}**", limit_text(one), medians, day(one)]


def server_text(name, found):
    return f"{name} {units.digits(found['cpu_us_per_request'])} ({rate_text(found)}/s)"


def contest_row(contest):
    by_cost = sorted(contest["servers"].items(), key=lambda item: item[1]["cpu_us_per_request"])
    alone = contest["app_alone_cpu_us"]
    return [
        markdown.escape(contest["title"]),
        units.digits(alone) if alone is not None else "",
        markdown.escape("; ".join(server_text(*item) for item in by_cost)),
        markdown.escape(", ".join(contest["not_measured"])),
        day(contest),
    ]


def targets_text(document):
    heads = ["target", "what", "measured", "limit", "medians", "day, commit"]
    return "\n".join(markdown.grid(heads, map(target_row, document["targets"]), left=len(heads)))


def contests_text(document):
    heads = ["contest", "app alone", "CPU time per request in µs (requests/s)", "not measured", "day, commit"]
    return "\n".join(markdown.grid(heads, map(contest_row, document["contests"]), left=len(heads)))


PARTS = {"targets": targets_text, "contests": contests_text}


def page(document, text):
    """Returns the text of docs/performance.md with the document's tables."""
    for part, write_text in PARTS.items():
        text = replace(text, part, write_text(document), PAGE)
    return text


def serialised(document):
    """Returns the document as JSON, a line for each target and each contest."""
    return "{\n" + ",\n".join(serialised_list(key, items) for key, items in document.items()) + "\n}\n"


def read():
    return json.loads(DOCUMENT.read_text())


def record(results, facts):
    """Merges the results of a run into both files. Returns their paths. Nothing is written unless everything can be."""
    document = merged(read(), results, {"date": facts["date"], "commit": commit()})
    texts = {DOCUMENT: serialised(document), PAGE: page(document, PAGE.read_text())}
    for path, text in texts.items():
        path.write_text(text)
    return list(texts)
