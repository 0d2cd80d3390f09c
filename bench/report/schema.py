"""The validation of results.json: by results.schema.json, and by rules that a JSON Schema cannot express."""

import json
from pathlib import Path

from bench import schemas
from bench.report import cells
from bench.servers.server import Failed

SCHEMA = Path(__file__).resolve().parent / "results.schema.json"
WANTED = "a results.json that ./dev bench wrote is wanted, or its directory"


class Invalid(Failed):
    """The file is not a valid document of results. The text says where and why."""


def validate(document):
    """Raises Invalid if the document is not valid."""
    error = schemas.fault(document, SCHEMA)
    if error is not None:
        raise Invalid(f"{error.json_path}: {error.message[:300]}")
    seen = set()
    for number, cell in enumerate(document["cells"]):
        for key in ("server", "workload"):
            if cell[key] not in document[f"{key}s"]:
                raise Invalid(f"$.cells[{number}].{key}: {cell[key]!r} is not in {key}s")
        key = cells.key_of(cell)
        if key in seen:
            raise Invalid(f"$.cells[{number}]: a second one of {cell['server']} under {cells.load_of(cell)}")
        seen.add(key)


def refuse_constant(name):
    raise Invalid(f"{name} is not a number that JSON knows")


def read(path):
    """Returns the document in that file, or in results.json of that directory. Invalid says what is wrong with it."""
    path = Path(path)
    path = path / "results.json" if path.is_dir() else path
    try:
        document = json.loads(path.read_text(), parse_constant=refuse_constant)
        validate(document)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}; {WANTED}") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Invalid(f"{path}: not JSON: {error}; {WANTED}") from error
    except Invalid as error:
        raise Invalid(f"{path}: {error}; {WANTED}") from None
    return document


def refuse_rounded(document, path):
    """Raises Invalid if the document has figures without their rounds, which were taken from printed tables."""
    figures = [figure for cell in document["cells"] for figure in cell["figures"].values()]
    if any("rounded" in one for one in [*figures, *(case for claim in document["claims"] for case in claim["cases"])]):
        raise Invalid(
            f"{path}: its figures are rounded, without the rounds that they came from: only --readme shows them"
        )
