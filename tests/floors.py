"""The floors of src/: a folder includes and calls only itself and the folders below it, and no files form a ring.

Two kinds of arrows connect files. One kind shows includes. The other kind shows calls: object files define and use
symbols, and nm lists them. A file is a source and its header together: ``http/router`` is router.c and router.h.

``./dev lint`` prints each arrow of either kind that does not point downward, and each ring of calls, with the names
that cause it.
"""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

DEFINED = "TDBRVWCG"  # the kinds in nm(1) of symbols that other files can use


def file_of(path, src):
    return str(path.relative_to(src).with_suffix(""))


def folder_of(file):
    """Returns the folder of a file. A file in src/ itself is in ``app``."""
    folder, _, _ = file.rpartition("/")
    return folder or "app"


def includes(src):
    """Returns ``{file: {file that it includes: {header}}}``."""
    arrows = defaultdict(lambda: defaultdict(set))
    for path in sorted([*src.rglob("*.c"), *src.rglob("*.h")]):
        for header in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M):
            place = next((place for place in (src, path.parent) if (place / header).exists()), None)
            if place and file_of((place / header).resolve(), src) != file_of(path, src):
                arrows[file_of(path, src)][file_of((place / header).resolve(), src)].add(header)
    return arrows


def objects(build, src):
    """Yields ``(file, its object file)`` for each source below src that ninja compiles."""
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = (Path(command["directory"]) / command["file"]).resolve()
        if source.is_relative_to(src):
            yield file_of(source, src), Path(command["directory"]) / command["output"]


def calls(symbols):
    """Returns ``{file: {file whose symbols it uses: {symbol}}}``.

    symbols has pairs ``(file, output of nm --format=posix)``.
    """
    owner, used = {}, defaultdict(set)
    for file, listing in symbols:
        for line in listing.splitlines():
            name, kind = line.split()[:2]
            if kind in DEFINED:
                owner[name] = file
            elif kind == "U":
                used[file].add(name)
    arrows = defaultdict(lambda: defaultdict(set))
    for file, names in used.items():
        for name in names:
            if owner.get(name, file) != file:
                arrows[file][owner[name]].add(name)
    return arrows


def symbols_of(build, src):
    for file, object_file in objects(build, src):
        command = ["nm", "--format=posix", object_file]
        yield file, subprocess.run(command, capture_output=True, text=True, check=True).stdout


def reachable(arrows, start):
    seen, ahead = set(), [start]
    while ahead:
        for file in arrows.get(ahead.pop(), ()):
            if file not in seen:
                seen.add(file)
                ahead.append(file)
    return seen


def rings(arrows):
    """Returns the strongly connected components with more than one file, as sorted tuples."""
    reach = {file: reachable(arrows, file) for file in arrows}
    found = set()
    for file, reached in reach.items():
        if file in reached:
            found.add(tuple(sorted(other for other in reached if file in reach.get(other, ()))))
    return sorted(found)


def upward(arrows, floors):
    """Returns ``(file, the file that it must not need)``, sorted.

    floors has one tuple for each floor, from the ground up. Folders of one floor know nothing of each other.
    """
    level = {folder: number for number, folders in enumerate(floors) for folder in folders}
    found = []
    for file, others in arrows.items():
        for other in others:
            here, there = folder_of(file), folder_of(other)
            if here != there and level[there] >= level[here]:
                found.append((file, other))
    return sorted(found)


def text_of_ring(ring, arrows, what):
    """Returns a finding that describes one way around the ring, with a name that each file needs from the next."""
    way, file = [], ring[0]
    while file not in way:
        way.append(file)
        file = next(other for other in sorted(arrows[file]) if other in ring)
    way = way[way.index(file) :]
    steps = [f"{one} → {other} ({min(arrows[one][other])})" for one, other in zip(way, [*way[1:], way[0]], strict=True)]
    return f"a ring of {len(ring)} files by their {what}: {' '.join(ring)}; for one: {', '.join(steps)}\n"
