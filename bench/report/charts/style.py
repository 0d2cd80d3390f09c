"""The style of the charts, and the conversion of matplotlib's SVG for embedding in a page.

matplotlib knows fixed colours only. It therefore draws with sentinels, colours that nothing else uses. The conversion
replaces them by CSS variables, which the page sets for light and dark mode. Text stays text and uses the page's font.
matplotlib lays the text out in DejaVu Sans, which is wider than usual page fonts, so labels do not overlap.
"""

import io
import re
import warnings
from dataclasses import dataclass
from functools import cache
from html import escape

from cycler import cycler

WIDE, NARROW = 720, 360  # pixels
SERIES = 8

VARIABLES = {
    "#010203": "--ink",
    "#010204": "--muted",
    "#010205": "--rule",
    "#010206": "--paper",
    **{f"#0102a{number}": f"--series-{number}" for number in range(1, SERIES + 1)},
}
INK, MUTED, RULE, PAPER, *COLOURS = VARIABLES

# The markers and lines of the series, which can thus be told apart without their colours.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8")
TANDEM_LINE, PEER_LINES = "-", ("--", "-.", ":")

# Chosen for contrast with the background and for colour-blind readers: after Okabe and Ito, and Paul Tol.
LIGHT = {
    "--ink": "#1b1e22",
    "--muted": "#5b626b",
    "--rule": "#d8dade",
    "--paper": "#ffffff",
    "--series-1": "#0072b2",
    "--series-2": "#c8500a",
    "--series-3": "#00795c",
    "--series-4": "#a63d8f",
    "--series-5": "#3f454d",
    "--series-6": "#9a7400",
    "--series-7": "#5a4fb0",
    "--series-8": "#2f9bd6",
}
DARK = {
    "--ink": "#e8e8e4",
    "--muted": "#a3a9b1",
    "--rule": "#363b41",
    "--paper": "#15181b",
    "--series-1": "#4aa8e8",
    "--series-2": "#f08a4b",
    "--series-3": "#33c29a",
    "--series-4": "#e08fcb",
    "--series-5": "#d5d9de",
    "--series-6": "#e3c04f",
    "--series-7": "#a79cf2",
    "--series-8": "#8fd3ff",
}
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif'

SETTINGS = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 11,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[MUTED]),
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "figure.facecolor": "none",
    "text.color": INK,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "hatch.linewidth": 0.8,
}


@dataclass(frozen=True)
class Chart:
    """A chart as SVG in two widths. ``label`` is for screen readers; ``caption`` says what is shown, in which unit, and
    for which cells."""

    label: str
    caption: str
    wide: str
    narrow: str


class Canvas:
    """A figure, with its width and height in pixels. It is narrow below 500 pixels."""

    def __init__(self, width, height):
        from matplotlib.figure import Figure

        self.width, self.narrow = width, width < 500
        self.figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        self.figure.get_layout_engine().set(w_pad=4 / 72, h_pad=4 / 72, wspace=0.07, hspace=0.04)

    def panels(self, count, **options):
        """Returns ``count`` axes, side by side, or below each other in a narrow figure."""
        shape = (count, 1) if self.narrow else (1, count)
        return list(self.figure.subplots(*shape, squeeze=False, **options).flat)

    def legend(self, handles, columns, longest=22):
        """Draws the legend below the axes, so that it never covers data."""
        if handles:
            labels = [shortened(handle.get_label(), longest) for handle in handles]
            self.figure.legend(
                handles, labels, loc="outside lower left", ncols=columns, handlelength=2.6, labelcolor=INK
            )


def legend_rows(count, columns):
    return -(-count // columns)


def shortened(text, length):
    return text if len(text) <= length else text[: length - 1] + "…"


def chart(name, label, caption, draw):
    """Returns the Chart that ``draw(width)`` draws on a Canvas. ``name`` must be unique on the page."""
    return Chart(label, caption, *(svg(draw, width, f"{name}-{width}", label) for width in (WIDE, NARROW)))


def svg(draw, width, salt, label):
    from matplotlib import rc_context

    with rc_context({**SETTINGS, "svg.hashsalt": salt}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about glyphs that DejaVu lacks, but the page's fonts may have
        buffer = io.StringIO()
        draw(width).figure.savefig(buffer, format="svg", metadata={"Date": None})
    return for_page(buffer.getvalue(), label)


@cache
def sentinels():
    return re.compile("|".join(VARIABLES))


def for_page(text, label):
    """Converts matplotlib's SVG to an element of a page."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # these ids repeat in each chart, and nothing refers to them
    text = sentinels().sub(lambda match: f"var({VARIABLES[match[0]]})", text)
    text = re.sub(r"'DejaVu Sans'(, [^;\"]*)?", "var(--font)", text)
    text = re.sub(r">\s+<", "><", text)
    box = re.search(r'viewBox="([^"]+)"', text)[1]
    head = f'<svg role="img" aria-label="{escape(label)}" viewBox="{box}" xmlns="http://www.w3.org/2000/svg"'
    return head + ' xmlns:xlink="http://www.w3.org/1999/xlink"' + text[text.index(">") :].strip()


def variables(values):
    return " ".join(f"{name}: {value};" for name, value in values.items())


def standing_alone(text):
    """Converts an embedded SVG to a file of its own, with colours and background, for example for a README."""
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups()
    style = (
        f"<style>svg {{ {variables(LIGHT)} --font: {FONT}; }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ {variables(DARK)} }} }}</style>"
        f'<rect width="100%" height="100%" rx="6" style="fill: var(--paper)"/>'
    )
    text = text.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + text.replace(">", f">{style}", 1) + "\n"


@dataclass(frozen=True)
class Look:
    colour: str
    marker: str
    line: str


def looks(document):
    """Returns ``{server: Look}``, the same for every chart."""
    found = {}
    for number, (name, server) in enumerate(document["servers"].items()):
        line = TANDEM_LINE if server["kind"] == "tandem" else PEER_LINES[number % len(PEER_LINES)]
        found[name] = Look(COLOURS[number % SERIES], MARKERS[number % len(MARKERS)], line)
    return found
