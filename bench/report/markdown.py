"""report.md: for a README or a pull request, in GitHub's Markdown."""

import re

from bench.report import article, cells, claims, commands, rows, sentences
from bench.report.charts import bars, style
from bench.servers.server import Failed

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def escape(text):
    """Escapes any text, so that it contains no markup and does not end a table row."""
    text = re.sub(r"[\r\n]+", " ", str(text))
    return SPECIAL.sub(lambda match: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(match[0], "\\" + match[0]), text)


def row(items):
    return "| " + " | ".join(items) + " |"


def grid(heads, body, left=1):
    """Returns the lines of a table. Its first ``left`` columns are aligned left as text, the others right as
    numbers."""
    rule = [":--" if number < left else "--:" for number in range(len(heads))]
    return [row(heads), row(rule), *(row(items) for items in body), ""]


def item(one):
    return escape(f"{one.text} {one.detail}" if one.detail else one.text)


def said(parts):
    return "".join(f"**{escape(part.text)}**" if part.kind == "name" else escape(part.text) for part in parts)


def heading(column, table):
    if column.kind == "against":
        return f"against {escape(table.baseline or 'its baseline')}"
    return escape(f"{column.group}: {column.heading}" if column.group else column.heading)


def load_table(table):
    body = []
    for one in table.rows:
        name = escape(one.server) + (" **!**" if one.invalid else "")
        if one.items:
            body.append([name, *(item(each) for each in one.items)])
        else:
            mark = "n/a" if one.state == "unsupported" else one.state
            body.append([name, mark, *[""] * (len(table.columns) - 1)])
    yield from grid(["server", *(heading(column, table) for column in table.columns)], body)
    for mark, server, because in table.notes:
        yield f"- {mark} **{escape(server)}**: {escape(because)}"
    if table.notes:
        yield ""


def answers(document):
    for answer in sentences.answers(document):
        load = escape(answer["load"].without_workload())
        yield f"- **{escape(answer['workload'])}** ({load}): {said(answer['parts'])}"
    yield ""


def articles_table(document):
    for pair in article.pairs(document):
        yield f"{escape(pair.load)}; latency as the load generator measured it:"
        yield ""
        first, second = map(escape, pair.servers)
        body = [[escape(label), *(item(one) for one in items)] for label, *items in pair.rows]
        yield from grid(["", first, second, f"{first} against {second}"], body)
        for server, rule, because in pair.notes:
            yield f"- ! **{escape(server)}**: {escape(rule)}: {escape(because)}"
        if pair.notes:
            yield ""


def workloads(document):
    for workload in cells.workloads_of(document):
        loads = cells.by_load(document, workload)
        load = cells.main_load(loads)
        yield f"### {escape(load)}"
        yield ""
        yield from load_table(rows.table(document, load, loads[load], brief=True))
        others = len(loads) - 1
        if others:
            yield f"{others} other load{'s' if others > 1 else ''}: see report.html."
            yield ""


def claims_table(document):
    body = []
    for claim in document["claims"]:
        head = [escape(claim["quote"]), escape(claim["article"] or "")]
        for case in claim["cases"]:
            measured = escape(claims.measured(case))
            span = escape(claims.span(case))
            verdict = escape(f"{claims.MARKS[case['verdict']]} {case['verdict']}")
            threshold = escape(claims.threshold(case))
            body.append(
                [*head, escape(case["label"]), threshold, f"{measured} ({span})" if span else measured, verdict]
            )
            head = ["", ""]
        body[-len(claim["cases"])][0] += f": **{claim['verdict']}**"
    return grid(["claim", "the article", "case", "holds at", "measured (95 % interval)", "verdict"], body, left=3)


def environment(document):
    facts, experiment = document["environment"], document["experiment"]
    software = "; ".join(cells.facts(document, "tandem", "python", "wrk"))
    return escape(
        f"{facts['placement']}; {facts['cpu']}, {facts['kernel']}; {software}; "
        f"{experiment['rounds']} rounds of {experiment['seconds']} s or more, seed {experiment['seed']}; "
        f"{facts['date']}"
    )


def text(document):
    """Returns the whole of report.md."""
    lines = [f"# {escape(document['experiment']['title'])}", ""]
    lines += answers(document) if document["cells"] else [commands.MISSING["throughput"], ""]
    lines += ["## The article's table", "", *(list(articles_table(document)) or [commands.MISSING["article"], ""])]
    lines += ["## Workload by workload", "", *workloads(document)]
    lines += ["## The claims", ""]
    lines += claims_table(document) if claims.any_measured(document) else [commands.MISSING["claims"], ""]
    lines += [
        "Medians of the rounds; in brackets the 95 % interval of a difference in percent; \\~: it may be noise "
        "(two-sided Mann-Whitney U, p ≥ 0.05); !: a cell that broke a rule and is not to be relied on. MB: 10⁶ bytes.",
        "",
        environment(document),
    ]
    return "\n".join(lines) + "\n"


def throughput_svg(document, workload):
    """Returns the throughput under the workload's main load as an SVG file, for a README in light or dark mode."""
    drawn = bars.throughput(document, workload)
    if drawn is None:
        raise Failed(f"nothing was measured of {workload}")
    return style.standing_alone(drawn.wide)
