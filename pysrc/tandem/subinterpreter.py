"""What a subinterpreter needs besides what every interpreter needs."""

import importlib.machinery


def one_at_a_time(enter, leave):
    """Makes the loader of extension modules call ``enter`` before and ``leave`` after it initializes a module."""
    loader = importlib.machinery.ExtensionFileLoader

    def alone(method):
        def call(self, argument):
            enter()
            try:
                return method(self, argument)
            finally:
                leave()

        return call

    loader.create_module = alone(loader.create_module)
    loader.exec_module = alone(loader.exec_module)


def faults():
    """Returns what this subinterpreter is known to do wrong in some versions of CPython, in a few words each."""
    from http import HTTPStatus

    class Mixin:
        def __str__(self):
            return "the mixin's"

    class Both(list, Mixin):
        pass

    found = []
    if str(Both()) != "the mixin's":
        found.append("str() of a class with the bases list and a mixin is list's")
    if str(HTTPStatus.OK) != "200":
        found.append(f"str(HTTPStatus.OK) is {str(HTTPStatus.OK)!r}")
    return found
