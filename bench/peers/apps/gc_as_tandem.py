"""The app that the variable APP names, with Python's garbage collector set as tandem sets it.

GC_THRESHOLD has the three numbers of gc.set_threshold(). What the import has made is frozen.
"""

import gc
import os
from importlib import import_module

gc.set_threshold(*map(int, os.environ["GC_THRESHOLD"].split(",")))
module, _, attribute = os.environ["APP"].partition(":")
app = getattr(import_module(module), attribute)
gc.collect()
gc.freeze()
