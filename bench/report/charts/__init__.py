"""The charts: each drawn by matplotlib in two widths, as SVG to be put into a page."""
