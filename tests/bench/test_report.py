"""The page, the Markdown and the terminal show the figures of results.json, whatever its names and gaps."""

import copy
import io
import re
import xml.etree.ElementTree
from html import unescape
from html.parser import HTMLParser

import pytest
from rich.console import Console

from bench.report import commands, html, markdown, table
from bench.report.charts import style

import made_up_results

DOCUMENT = made_up_results.document()
HOSTILE = "<script>alert(1)</script>\"'&$x$[red]|`*"
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """The parts of a page that the tests look at: unclosed elements, figures, ids, tags and links."""

    def __init__(self, text):
        super().__init__()
        self.open, self.figures, self.ids, self.tags, self.sources = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self.note(tag, attributes)

    def handle_startendtag(self, tag, attributes):
        self.note(tag, dict(attributes))

    def note(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.sources += [attributes[key] for key in ("src", "href", "xlink:href") if key in attributes]
        if "data-figure" in attributes:
            self.figures.append([attributes[f"data-{key}"] for key in ("cell", "figure", "value")])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(made_up_report):
    return (made_up_report / "report.html").read_text()


def test_every_figure_is_that_of_the_document(page):
    found = Page(page)
    assert found.open == []
    assert len(found.figures) > 1000
    for cell, figure, value in found.figures:
        assert float(value) == DOCUMENT["cells"][int(cell)]["figures"][figure]["median"]
    shown = {(int(cell), figure) for cell, figure, _ in found.figures}
    assert shown == {(n, name) for n, cell in enumerate(DOCUMENT["cells"]) for name in cell["figures"]}


def test_it_needs_nothing_beside_it(page):
    found = Page(page)
    assert "script" not in found.tags and "img" not in found.tags
    assert all(source.startswith(("#", "data:")) for source in found.sources)
    assert len(found.ids) == len(set(found.ids))
    assert {source[1:] for source in found.sources if source.startswith("#")} <= set(found.ids)
    assert "@import" not in page and "@font-face" not in page


def test_its_charts_follow_light_and_dark(page):
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) >= 2 * (4 + 4 + 4 + 1 + 1 + 2)
    for drawing in drawings:
        assert 'role="img"' in drawing and 'aria-label="' in drawing
        colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing))
        assert colours <= {"#000000"}, "a colour that does not follow"
        xml.etree.ElementTree.fromstring(drawing)


def test_colours_have_contrast():
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for scheme in (style.LIGHT, style.DARK):
        paper = luminance(scheme["--paper"])
        for name, colour in scheme.items():
            lighter, darker = max(luminance(colour), paper) + 0.05, min(luminance(colour), paper) + 0.05
            least = {"--paper": 1, "--rule": 1, "--ink": 7, "--muted": 4.5}.get(name, 3)
            assert lighter / darker >= least, name


def test_the_same_document_gives_the_same_page(page):
    assert html.page(copy.deepcopy(DOCUMENT)) == page


def hostile():
    document = copy.deepcopy(DOCUMENT)
    document["servers"][HOSTILE] = document["servers"].pop("uv-pool") | {"title": HOSTILE, "about": HOSTILE}
    document["workloads"][HOSTILE] = document["workloads"].pop("json") | {"about": HOSTILE}
    document["experiment"]["title"] = HOSTILE
    document["claims"][0] |= {"quote": HOSTILE, "because": HOSTILE}
    for cell in document["cells"]:
        for key, name in (("server", "uv-pool"), ("workload", "json")):
            if cell[key] == name:
                cell[key] = HOSTILE
        cell["reason"] = cell["reason"] and HOSTILE
        cell["invalid"] = [{"rule": HOSTILE, "because": HOSTILE} for _ in cell["invalid"]]
    return document


def test_hostile_names_are_text():
    document = hostile()
    text = html.page(document)
    assert "script" not in Page(text).tags
    assert "<script" not in text
    for drawing in re.findall(r"<svg.*?</svg>", text, re.S):
        xml.etree.ElementTree.fromstring(drawing)
    assert "<script" not in markdown.text(document)
    rows = [line for line in markdown.text(document).splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == len(re.findall(r"(?<!\\)\|", rows[0])) for row in rows[:3])
    assert HOSTILE in terminal(document, width=400)


def terminal(document, width=160):
    console = Console(file=io.StringIO(), width=width)
    table.show(console, document)
    return console.file.getvalue()


@pytest.mark.parametrize("kept", ["nothing", "one closed loop", "open loops", "peers"])
def test_what_is_missing_is_one_line_that_says_what_measures_it(kept):
    document = copy.deepcopy(DOCUMENT)
    keep = {
        "nothing": lambda cell: False,
        "one closed loop": lambda cell: (
            (cell["server"], cell["connections"], cell["rate"]) == ("uv-loop", 64, None) and not cell["idle"]
        ),
        "open loops": lambda cell: cell["rate"] is not None,
        "peers": lambda cell: cell["server"] in ("express", "fastapi-uvicorn"),
    }[kept]
    document["cells"] = [cell for cell in document["cells"] if keep(cell)]
    document["claims"] = []
    del document["rules"], document["environment"]["python"]  # older documents lack these
    text = html.page(document)
    assert Page(text).open == []
    text = unescape(text)
    expected = {
        "nothing": {"article", "throughput", "phases", "percentiles", "connections", "rates", "memory", "claims"},
        "one closed loop": {"article", "connections", "rates", "memory", "claims"},
        "open loops": {"article", "connections", "memory", "claims"},
        "peers": {"phases", "connections", "rates", "memory", "claims"},
    }[kept]
    assert {key for key, line in commands.MISSING.items() if f'<p class="missing">{line}' in text} == expected
    assert markdown.text(document)
    assert terminal(document)


def test_the_terminal_and_markdown_show_medians_and_reasons():
    for text in (terminal(DOCUMENT), markdown.text(DOCUMENT)):
        for cell in DOCUMENT["cells"]:
            if cell["state"] == "measured" and (cell["connections"], cell["rate"], cell["idle"]) == (64, None, 0):
                if cell["cores"] == "split":
                    assert f"{cell['figures']['requests_per_second']['median']:,.0f}" in text
                assert all(one["because"] in text for one in cell["invalid"])
        assert "nginx has no json" in text
        assert "answers /primes with status 500" in text
    assert terminal(DOCUMENT).count("vs py-threads") == 4


def test_the_build_of_cpython_is_named():
    for text in (terminal(DOCUMENT), markdown.text(DOCUMENT), html.page(DOCUMENT)):
        assert "CPython 3.12.1 built with PGO, without LTO" in text


def test_percentages_have_their_interval():
    in_markdown = markdown.text(DOCUMENT).split("## The claims")[0].replace("\\", "")
    for text in (terminal(DOCUMENT), in_markdown):
        for match in re.finditer(r"[+\N{MINUS SIGN}][\d.,]+\s%(.)(.)", text):
            assert match[1].isspace() and match[2] in "[(", text[match.start() - 40 : match.end() + 40]


def test_markdown_keeps_the_spaces_between_words():
    assert re.search(r"\*\*nginx\*\* is fastest: [\d,]+ requests/s", markdown.text(DOCUMENT))


def test_throughput_as_a_picture_of_its_own():
    text = markdown.throughput_svg(DOCUMENT, "plaintext")
    xml.etree.ElementTree.fromstring(text.split("\n", 1)[1])
    assert "prefers-color-scheme: dark" in text
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", text)) <= set(style.LIGHT) | {"--font"}
