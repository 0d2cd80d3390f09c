"""The charts. matplotlib draws each in two widths, as SVG to be embedded in a page.

The functions that draw import matplotlib themselves. That takes a second, and most commands and tests draw nothing.
"""
