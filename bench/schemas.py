"""Documents checked by a JSON Schema (draft 2020-12)."""

import json
from functools import cache


@cache
def validator(path):
    from jsonschema import Draft202012Validator  # in build/venv, which ./dev bench --help does without

    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def fault(document, path):
    """Returns the error that explains best why the document is not valid by the schema in that file (jsonschema's
    best_match); None if it is valid."""
    from jsonschema.exceptions import best_match

    return best_match(validator(path).iter_errors(document))
