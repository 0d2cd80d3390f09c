"""report.html: a single self-contained file, without JavaScript."""

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.report import article, cells, claims, commands, rows, sentences, units
from bench.report.charts import bars, percentiles, phases, style, sweeps

TEMPLATES = Path(__file__).resolve().parent / "templates"

# The sections with charts: title, and a function that returns the charts of one workload.
CHARTS = {
    "phases": ("Where a request's time goes", lambda d, w: [phases.where_time_goes(d, w)]),
    "percentiles": ("Latency by quantile", lambda d, w: [percentiles.latency(d, w)]),
    "connections": ("Against connections", sweeps.connections),
    "rates": ("Against the intended rate", sweeps.rates),
    "memory": ("Memory", sweeps.memory),
}


def charts(document, draw):
    """Returns ``{workload: [Chart, …]}`` of the workloads that have charts."""
    found = {workload: [one for one in draw(document, workload) if one] for workload in cells.workloads_of(document)}
    return {workload: drawn for workload, drawn in found.items() if drawn}


def chart_sections(document):
    return [
        {"id": key, "title": title, "charts": charts(document, draw), "missing": commands.MISSING[key]}
        for key, (title, draw) in CHARTS.items()
    ]


def workload_sections(document):
    return [
        {
            "name": name,
            "about": document["workloads"][name],
            "chart": bars.throughput(document, name),
            "tables": rows.tables(document, name),
        }
        for name in cells.workloads_of(document)
    ]


def exact(number):
    """Writes a number exactly as in results.json."""
    return json.dumps(number)


def stylesheet():
    colours = (
        f":root {{ color-scheme: light dark; --font: {style.FONT}; {style.variables(style.LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {style.variables(style.DARK)} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {style.variables(style.LIGHT)} }} }}\n"
    )
    return Markup(colours + (TEMPLATES / "style.css").read_text())


@cache
def environment():
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {
        "exact": exact,
        "svg": Markup,
        "digits": units.digits,
        "signed": units.signed,
        "slug": lambda text: "".join(c if c.isalnum() else "-" for c in text.lower()),
        "case_value": claims.measured,
        "case_span": claims.span,
        "case_threshold": claims.threshold,
    }
    return made


def page(document):
    pairs = article.pairs(document)
    return (
        environment()
        .get_template("report.html")
        .render(
            document=document,
            style=stylesheet(),
            answers=sentences.answers(document),
            pairs=pairs,
            peers_missing=not any(pair.servers == article.PAIRS[0] for pair in pairs),
            workloads=workload_sections(document),
            sections=chart_sections(document),
            missing=commands.MISSING,
            marks=claims.MARKS,
            claims=document["claims"] if claims.any_measured(document) else [],
            rules=document.get("rules", {}),
            all_cells=[(cell, cells.load_of(cell)) for cell in cells.numbered(document)],
        )
    )
