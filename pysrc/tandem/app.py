"""The user's app: found by MODULE:ATTRIBUTE, once per interpreter."""

import atexit
import gc
import importlib
import inspect
import os
import sys


class NoApp(Exception):
    """The name leads to nothing that can be an app."""


def load(name, directory, factory, interface):
    """``(app, "wsgi" or "asgi")``. Raises what the import or the factory raises, and NoApp.

    name       MODULE:ATTRIBUTE, the attribute perhaps with dots
    directory  goes first on sys.path
    factory    the attribute is called for the app
    interface  "wsgi", "asgi", or "auto"
    """
    module_name, _, attribute = name.partition(":")
    directory = os.path.abspath(directory)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name and not module_name.startswith(f"{error.name}."):
            raise  # one that the module itself imports
        raise NoApp(f"there is no module {module_name} in {directory} (--app-dir), nor in Python's path") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise NoApp(f"module {module_name} has no {attribute}")
        found = getattr(found, part)
    if factory:
        found = found()
    if not callable(found):
        raise NoApp(f"{name} is of type {type(found).__name__}, which cannot be called")
    if interface == "auto":
        interface = interface_of(found)
    if interface == "wsgi" and not _takes_two(found):
        raise NoApp(f"{name} cannot be called with environ and start_response; if it returns the app, give --factory")
    if interface == "wsgi":
        freeze()  # an ASGI app has its startup before it
    return found, interface


def _takes_two(app):
    try:
        inspect.signature(app).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        pass  # it has no signature: written in C
    return True


def freeze():
    """What there is now stays until the interpreter's end: the garbage collector need not look at it again and again,
    which takes an eighth of a FastAPI request (docs/performance.md)."""
    atexit.register(gc.unfreeze)
    gc.collect()
    gc.freeze()


def interface_of(app):
    """ASGI 3 where calling it gives a coroutine, else WSGI."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return "asgi"
    return "wsgi"
