"""The presentation of results: a page, Markdown, tables on the terminal, and the difference between two documents.

write(document, directory)      writes results.json, report.html and report.md; returns the list of their paths
read(path)                      returns a validated document; schema.Invalid says what is wrong with it
readme.write(document, parts)   writes parts of README.md and their documents in docs/; returns the list of their paths
"""

import json
from pathlib import Path

from bench.report import html, markdown, schema

__all__ = ["read", "write"]


def read(path, rounded=False):
    """``rounded``: accepts a document whose figures lack their rounds."""
    document = schema.read(path)
    if not rounded:
        schema.refuse_rounded(document, path)
    return document


def write(document, directory):
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    results = directory / "results.json"  # first: it must not be lost if the report cannot be drawn
    results.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    page, text = directory / "report.html", directory / "report.md"
    page.write_text(html.page(document))
    text.write_text(markdown.text(document))
    return [results, page, text]
