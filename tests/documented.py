"""What docs/ say about src/ in a form that can be checked. ``./dev lint`` prints each difference.

The drawings in docs/connection.md have the transitions of transition.c. The part of docs/sources.md about callbacks
names each function pointer in a struct of a header, and each file that it names as a caller or a setter exists and has
that name in it.
"""

import re

PART = re.compile(r"^## Callbacks that go upward$(.*?)^## ", re.M | re.S)


def drawn(page):
    """Returns one set of ``(from, to)`` for each Mermaid drawing of a page."""
    drawings = re.findall(r"^```mermaid\n(.*?)^```", page, re.M | re.S)
    return [set(re.findall(r"^\s+(\w+) --> (\w+)", drawing, re.M)) for drawing in drawings]


def allowed(source):
    """Returns ``{prefix: set of (from, to)}`` from the tables of transition.c, such as ``{"STAGE": {("NONE", …`` ."""
    found = {}
    for prefix, state, entry in re.findall(r"\[([A-Z]+)_([A-Z]+)\] = ([^={]*),\n", source):
        found.setdefault(prefix, set()).update((state, to) for to in re.findall(rf"TO\({prefix}_([A-Z]+)\)", entry))
    return found


def differences_of_drawings(page, source):
    """Yields a sentence for each transition that only one of the two has."""
    tables = allowed(source)
    for transitions in drawn(page):
        prefix = next(name for name, table in tables.items() if table & transitions)
        for one, other in sorted(transitions ^ tables[prefix]):
            place = "transition.c" if (one, other) in tables[prefix] else "docs/connection.md"
            yield f"only {place} has {prefix}: {one} --> {other}"


def pointers(headers):
    """Returns ``{name: header}`` of the function pointers that are members of a struct.

    headers has pairs ``(path, text)``.
    """
    found = {}
    for path, text in headers:
        for body in re.findall(r"^struct \w+ \{\n(.*?)^\}", text, re.M | re.S):
            for name in re.findall(r"\(\*(?:const )?(\w+)\)\(", body):
                found[name] = path
    return found


def rows(page):
    """Yields ``(pointer, files that call it, files that set it)`` for each row of the table."""
    pointer = ""
    for row in re.findall(r"^\|(.+)\|$", PART.search(page)[1], re.M):
        cells = [cell.strip() for cell in row.split("|")]
        if cells[0] in ("pointer", "---"):
            continue
        pointer = cells[0] or pointer
        yield pointer, *(re.findall(r"`([\w/*]+\.[ch])`", cell) for cell in cells[1:3])


def differences_of_callbacks(page, src):
    """Yields a sentence for each callback that the page does not name, and for each file that it names wrongly."""
    part = PART.search(page)[1]
    for name, header in pointers((path, path.read_text()) for path in sorted(src.rglob("*.h"))).items():
        if not re.search(rf"\b{name}\b", part):
            yield f"{header.relative_to(src)} has the callback {name}, which docs/sources.md does not name"
    for pointer, callers, setters in rows(page):
        names = re.findall(r"(\w+)(?:\(\))?`", pointer)
        for file in [*callers, *setters]:
            paths = sorted(src.glob(file))
            if not paths:
                yield f"docs/sources.md, {pointer}: there is no src/{file}"
            elif not any(re.search(rf"\w*{name}\b", path.read_text()) for path in paths for name in names):
                yield f"docs/sources.md, {pointer}: src/{file} has no such name"


SCOPES = {
    "OF_PROCESS": "process",
    "OF_HTTP": "http",
    "OF_LOOP": "loops[]",
    "OF_GIL": "gil[]",
    "OF_MODEL": "models.*",
    "OF_WORKLOAD": "models.*.workloads.*",
}
BEGIN, END = "<!-- the table of src/stats/statistics.c -->\n", "<!-- its end -->\n"


def table_of_statistics(source):
    """Returns the table of docs/stats.md that the rows of statistics.c make."""
    lines = ["| /stats | /metrics | type | unit | meaning |", "|---|---|---|---|---|"]
    row = r"\{(OF_\w+),\s+(\S+),\s+(\S+),\s+(NULL|\"\S*\"),\s+(\w+),\s+(\w+),\s+\"([^\"]+)\""
    for scope, key, metric, label, kind, unit, text in re.findall(row, source):
        labels = re.sub(r"[\\\"]", "", label)
        key, metric = (name.strip('"') for name in (key, metric))
        of = f"`{SCOPES[scope]}.{key}`" if key != "NULL" else ""
        family = f"`{metric}`" if metric != "NULL" else ""
        if labels != "NULL":
            family += f", by `{labels}`" if "=" not in labels else f" with `{labels}`"
        lines.append(f"| {of} | {family} | {kind.lower()} | {unit.lower()} | {text} |")
    return "".join(f"{line}\n" for line in lines)


def differences_of_statistics(page, source):
    """Yields a sentence for each line of the table that is missing or not expected."""
    if BEGIN not in page or END not in page:
        yield f"docs/stats.md has no lines {BEGIN.strip()} and {END.strip()} around the table of statistics"
        return
    is_there = page.split(BEGIN)[1].split(END)[0].splitlines()
    wanted = table_of_statistics(source).splitlines()
    yield from (f"docs/stats.md lacks the line {line}" for line in wanted if line not in is_there)
    for line in is_there:
        if line not in wanted:
            yield f"docs/stats.md has a line that statistics.c does not make: {line}"
