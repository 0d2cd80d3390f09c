"""Loads the user's app by MODULE:ATTRIBUTE, once per interpreter."""

import atexit
import gc
import importlib
import inspect
import os
import sys


class NoApp(Exception):
    """The name does not lead to a usable app. The text is for the user."""


def load(name, directory, factory, interface):
    """Returns ``(app, "wsgi" or "asgi")``. Raises NoApp, and any exception of the import or the factory.

    name       MODULE:ATTRIBUTE; the attribute may contain dots
    directory  is inserted first in sys.path, unless it is there already
    factory    if true, the attribute is called and returns the app
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
            raise  # the missing module is one that the app's module imports
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
        freeze()  # for an ASGI app, start_app() does this after the startup
    return found, interface


def _takes_two(app):
    try:
        inspect.signature(app).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        pass  # the app has no signature: it may be written in C
    return True


def freeze():
    """Exempts all existing objects from garbage collection, since they live until the interpreter's end anyhow. This
    saves an eighth of the time of a FastAPI request (docs/lab-book.md)."""
    atexit.register(gc.unfreeze)
    gc.collect()
    gc.freeze()


def interface_of(app):
    """Returns "asgi" (ASGI 3) if the app is a coroutine function or has such a ``__call__``, else "wsgi"."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return "asgi"
    return "wsgi"
