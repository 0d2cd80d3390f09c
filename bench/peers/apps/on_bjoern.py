"""Runs an app on bjoern, which has no program of its own: ``on_bjoern.py MODULE:ATTRIBUTE PORT``."""

import sys
from importlib import import_module

import bjoern

module, _, attribute = sys.argv[1].partition(":")
bjoern.run(getattr(import_module(module), attribute), "127.0.0.1", int(sys.argv[2]))
