"""Loads the user's app by MODULE:ATTRIBUTE, once per interpreter."""

import atexit
import functools
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
            raise NoApp(
                f"{name} cannot be called with environ and start_response; if it returns the app, give --factory"
            )
    if interface == "wsgi":
        freeze()  # for an ASGI app, start_app() does this after the startup
    return found, interface


def freeze():
    """Exempts all existing objects from garbage collection, since they live until the interpreter's end anyhow. This
    saves an eighth of the time of a FastAPI request (docs/lab-book.md)."""
    atexit.register(gc.unfreeze)
    gc.collect()
    gc.freeze()


def _called(app):
    """Returns what a call of the app calls: an instance's ``__call__``, which may be in a slot; else the app itself."""
    if isinstance(app, (type, functools.partial)) or inspect.isroutine(app):
        return app
    return app.__call__


def _parameters(function):
    """Returns the parameters of a function or class; None if it has no signature, as when it is written in C."""
    try:
        return inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return None


def _takes_two(app):
    try:
        inspect.signature(_called(app), follow_wrapped=False).bind(None, None)
    except TypeError:
        return False
    except ValueError:
        pass  # the app has no signature: it may be written in C
    return True


def _takes_three(function):
    """True if the function has three required parameters: scope, receive and send."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [one for one in _parameters(function) or () if one.default is one.empty and one.kind in positional]
    return len(required) == 3


def interface_of(app):
    """Returns "asgi" (ASGI 3) or "wsgi".

    An ASGI app is a coroutine function, has such a ``__call__``, or has three required parameters. What a decorator has
    wrapped counts only if it is a coroutine function with three: a plain wrapper of another function may have an
    interface of its own, such as that of Werkzeug's ``Request.application``.
    """
    called = _called(app)
    wrapped = inspect.unwrap(called)
    if _is_async(called) or _takes_three(called) or (_is_async(wrapped) and _takes_three(wrapped)):
        return "asgi"
    return "wsgi"


def _is_async(function):
    """True also for what has the mark that asyncio.iscoroutinefunction() looks for. asyncio is not imported for it."""
    marks = sys.modules.get("asyncio.coroutines")
    marked = marks is not None and getattr(function, "_is_coroutine", None) is marks._is_coroutine
    return marked or inspect.iscoroutinefunction(function)
