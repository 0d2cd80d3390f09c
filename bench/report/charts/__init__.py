"""The charts. matplotlib draws each in two widths, as SVG to be embedded in a page."""
