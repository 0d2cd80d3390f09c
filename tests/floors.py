"""The floors of src/: a folder includes and calls only itself and the folders below it, and no files form a ring.

There are arrows of two kinds between files: what the sources include, and what they call, by the symbols that their
object files define and use (nm). A file is its source and its header together: ``http/router`` is router.c and
router.h. ``./dev lint`` prints each arrow of either kind that points upward, and each ring of calls, with the names
that make it.
"""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

DEFINED = "TDBRVWCG"  # kinds of nm(1): a symbol that other files can use


def file_of(path, src):
    return str(path.relative_to(src).with_suffix(""))


def folder_of(file):
    """``app`` for what lies in src/ itself."""
    folder, _, _ = file.rpartition("/")
    return folder or "app"


def includes(src):
    """``{file: {file that it includes: {header}}}``."""
    arrows = defaultdict(lambda: defaultdict(set))
    for path in sorted([*src.rglob("*.c"), *src.rglob("*.h")]):
        for header in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M):
            place = next((place for place in (src, path.parent) if (place / header).exists()), None)
            if place and file_of((place / header).resolve(), src) != file_of(path, src):
                arrows[file_of(path, src)][file_of((place / header).resolve(), src)].add(header)
    return arrows


def objects(build, src):
    """``(file, its object file)`` of each source that ninja compiles."""
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = (Path(command["directory"]) / command["file"]).resolve()
        if source.is_relative_to(src):
            yield file_of(source, src), Path(command["directory"]) / command["output"]


def calls(symbols):
    """``{file: {file whose symbols it uses: {symbol}}}``. symbols: ``(file, output of nm --format=posix)``."""
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
    """The largest sets of files in which each reaches each, as sorted tuples."""
    reach = {file: reachable(arrows, file) for file in arrows}
    found = set()
    for file, reached in reach.items():
        if file in reached:
            found.add(tuple(sorted(other for other in reached if file in reach.get(other, ()))))
    return sorted(found)


def upward(arrows, floors):
    """``(file, the file above that it needs)``. floors: the folders from the ground up, each a tuple of those that
    stand beside each other and know nothing of each other."""
    level = {folder: number for number, folders in enumerate(floors) for folder in folders}
    found = []
    for file, others in arrows.items():
        for other in others:
            here, there = folder_of(file), folder_of(other)
            if here != there and level[there] >= level[here]:
                found.append((file, other))
    return sorted(found)


def text_of_ring(ring, arrows, what):
    """A way round, with what each step needs of the next."""
    way, file = [], ring[0]
    while file not in way:
        way.append(file)
        file = next(other for other in sorted(arrows[file]) if other in ring)
    way = way[way.index(file) :]
    steps = [f"{one} → {other} ({min(arrows[one][other])})" for one, other in zip(way, [*way[1:], way[0]], strict=True)]
    return f"a ring of {len(ring)} files by their {what}: {' '.join(ring)}; for one: {', '.join(steps)}\n"
