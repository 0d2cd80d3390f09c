"""report.html in a browser, from disk. Every chart is drawn and legible on a desktop and a phone, light and dark."""

import json
from pathlib import Path

import pytest

from support import SANITIZED

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = 1280, 375
VIEWS = [(width, scheme) for width in (DESK, PHONE) for scheme in ("light", "dark")]

pytestmark = [
    pytest.mark.skipif(bool(SANITIZED), reason="nothing of it is in C"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs chromium"),
]

# For each chart: its size, the number of its elements, and the texts that overlap its edge or another text.
CHARTS = """() => [...document.querySelectorAll('figure svg')].map(svg => {
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    const out = texts.filter(([, r]) => r.left < box.left - 0.5 || r.right > box.right + 0.5
                                     || r.top < box.top - 0.5 || r.bottom > box.bottom + 0.5);
    const on = texts.filter(([, a], i) => texts.some(([, b], j) => i < j && a.left < b.right - 1 && b.left < a.right - 1
                                                               && a.top < b.bottom - 3 && b.top < a.bottom - 3));
    return {label: svg.getAttribute('aria-label').slice(0, 60), wide: !!svg.closest('.wide'),
            width: box.width, height: box.height, paths: svg.querySelectorAll('path, use').length,
            texts: texts.length, least: Math.min(...texts.map(([, r]) => r.height)),
            out: out.map(([t]) => t), on: on.map(([t]) => t)};
})"""

# The elements that reach beyond the window, except those in a container that scrolls.
OVERFLOW = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') || e.matches('.scroll'))
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(e => e.tagName + '.' + e.className)"""

FIGURES = "() => [...document.querySelectorAll('[data-figure]')].map(e => [e.dataset, e.textContent])"

COLOURS = """() => ['body', 'figcaption', 'td', 'th', '.mark', 'svg text'].map(s => document.querySelector(s))
    .filter(e => e).map(e => [getComputedStyle(e).color, getComputedStyle(e).fill])"""


@pytest.fixture(scope="module")
def report(made_up_report):
    """``(path of the page, document)`` with made-up figures."""
    return made_up_report / "report.html", json.loads((made_up_report / "results.json").read_text())


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)  # in a new profile
        yield browser
        browser.close()


class Seen:
    """An open page, with its console messages, errors and requests."""

    def __init__(self, browser, path, width, scheme, **options):
        self.context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options)
        self.page = self.context.new_page()
        self.messages, self.requests = [], []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def seen(request, chromium, report):
    view = Seen(chromium, report[0], *request.param)
    yield view
    view.context.close()


def test_it_opens_quietly_and_alone(seen, report):
    assert seen.messages == []
    wanted = [url for url in seen.requests if not url.startswith("data:")]
    assert wanted == [report[0].as_uri()]


def test_every_chart_is_drawn_in_the_width_that_fits(seen):
    charts = seen.page.evaluate(CHARTS)
    window = seen.page.viewport_size["width"]
    shown = [chart for chart in charts if chart["width"]]
    assert len(shown) == len(charts) / 2 > 10
    assert {chart["wide"] for chart in shown} == {window == DESK}
    for chart in shown:
        assert chart["width"] > (600 if window == DESK else 320), chart
        assert chart["height"] > 100 and chart["paths"] > 10 and chart["texts"] > 5, chart
        assert chart["least"] > 9, chart


def test_no_label_is_cut_off_or_on_another(seen):
    for chart in seen.page.evaluate(CHARTS):
        assert chart["out"] == [] and chart["on"] == [], chart


def test_the_page_does_not_scroll_sideways(seen):
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= seen.page.viewport_size["width"]
    assert seen.page.evaluate(OVERFLOW) == []


def test_its_numbers_are_those_of_results_json(seen, report):
    figures = seen.page.evaluate(FIGURES)
    assert len(figures) > 1000
    for found, text in figures:
        assert float(found["value"]) == report[1]["cells"][int(found["cell"])]["figures"][found["figure"]]["median"]
        assert any(character.isdigit() for character in text)


def test_light_and_dark_differ(chromium, report):
    colours = []
    for scheme in ("light", "dark"):
        view = Seen(chromium, report[0], DESK, scheme)
        paper = view.page.evaluate("getComputedStyle(document.body).backgroundColor")
        colours.append((paper, view.page.evaluate(COLOURS)))
        view.context.close()
    (light_paper, light), (dark_paper, dark) = colours
    assert light_paper != dark_paper
    assert len(light) == len(dark) and all(one != other for one, other in zip(light, dark, strict=True))


def test_contents_lead_to_their_sections(seen):
    broken = (
        "() => [...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.getAttribute('href')))"
    )
    assert seen.page.evaluate(f"({broken})().length") == 0


def test_it_is_read_without_javascript(chromium, report):
    view = Seen(chromium, report[0], DESK, "light", java_script_enabled=False)
    assert view.page.get_by_role("heading", name="The answer").is_visible()
    assert view.page.get_by_role("img").first.is_visible()
    view.context.close()


def test_it_prints_in_light_and_as_wide_as_the_paper(chromium, report):
    view = Seen(chromium, report[0], 680, "dark")  # A4 less its margins
    view.page.emulate_media(media="print", color_scheme="dark")
    assert view.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not view.page.locator("nav").is_visible()
    assert {chart["wide"] for chart in view.page.evaluate(CHARTS) if chart["width"]} == {True}
    assert view.page.evaluate("document.documentElement.scrollWidth") <= 680
    assert view.page.pdf().startswith(b"%PDF")
    view.context.close()
