"""The owners of the fields of ``struct connection``: only the files of one folder write a field.

The struct names the folder in a comment above its fields: ``/* http/request */``. ``./dev lint`` prints each other file
that assigns a field of a connection, increments it, takes its address, or links a connection by it (queue(7)).
"""

import re
from pathlib import Path

STRUCT = re.compile(r"^struct connection \{\n(.*?)^\};", re.M | re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
FOLDER = re.compile(r"/\* ([a-z_]+(?:/[a-z_]+)+) \*/")
VARIABLE = re.compile(r"\bstruct connection \*+\s*(\w+(?:\s*,\s*\*+\w+)*)")
WRITES = (
    r"\b(?:{variables})->({fields})\b(?:\.\w+|\[[^\]]*\])*\s*(?:[-+|&^*/%]?=(?!=)|\+\+|--)",
    r"(?:\+\+|--|&)(?:{variables})->({fields})\b(?!\s*->)",
    r"\b[A-Z]+_(?:INSERT|REMOVE)\w*\((?:[^;]*,)?\s*(?:{variables})\s*,(?:[^;]*,)?\s*({fields})\s*\)",
)


def owners(header):
    """Returns ``{field: folder}`` from the text of connection.h."""
    found, folder = {}, None
    for part in re.split(r"(/\* [a-z_]+(?:/[a-z_]+)+ \*/)", STRUCT.search(header)[1]):
        if match := FOLDER.fullmatch(part):
            folder = match[1]
            continue
        for declaration in COMMENT.sub("", part).split(";"):
            for name in re.findall(r"(\w+)(?:\[\w*\])?\s*(?:,|$)", declaration.strip()):
                found[name] = folder
    return found


def variables(text):
    """Returns the names of the pointers to a connection that the text declares."""
    return {name for group in VARIABLE.findall(text) for name in re.findall(r"\w+", group)}


def foreign_writes(files, header):
    """Yields ``(file, line number, field, owner)`` for each write by a file of another folder.

    files has pairs ``(path below src/, text)``. header is the text of connection.h.
    """
    fields = owners(header)
    for file, text in files:
        folder = str(Path(file).parent)
        named = variables(text)
        if not named:
            continue
        for pattern in WRITES:
            write = pattern.format(variables="|".join(named), fields="|".join(fields))
            for match in re.finditer(write, text):
                if fields[match[1]] != folder:
                    yield file, text.count("\n", 0, match.start()) + 1, match[1], fields[match[1]]
