"""Prints the versions of the named packages and of the interpreter, a line each."""

import platform
import sys
from importlib.metadata import version

for name in sys.argv[1:]:
    print(name, version(name))
print(platform.python_implementation(), platform.python_version())
