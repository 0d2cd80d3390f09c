"""What differs in an interpreter of tandem's from one that ``python`` starts: its streams and its signals."""

import _signal
import functools
import os
import sys

#: The signals that end the server. They are the server's, whatever the app does.
OF_THE_SERVER = frozenset({_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP, _signal.SIGQUIT})

_server = os.getpid()
_said = set()


def set_up(log, on_exit):
    """Called once in each interpreter, before any code of the user's.

    ``log(text, level)`` writes to the log. ``on_exit(status)`` is called before os._exit() ends the server; or None.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a line appears at once, in a pipe, too
            stream.reconfigure(line_buffering=True)
    # signal.signal() calls this one. The module signal is not imported for it, which would take several milliseconds.
    _signal.signal = _protected(_signal.signal, _signal.getsignal, log)
    if on_exit is not None:
        os._exit = _announced(os._exit, on_exit)


def _announced(original, on_exit):
    @functools.wraps(original)
    def announced(status):
        if os.getpid() == _server:
            on_exit(status)
        original(status)

    return announced


def protect_loop(loop, log):
    """Makes ``loop.add_signal_handler`` leave the signals of the server alone."""
    loop.add_signal_handler = _protected(loop.add_signal_handler, lambda number: None, log)


def _protected(original, instead, log):
    """Returns a function that calls ``original``; for a signal of the server it calls ``instead``, and warns. In a
    forked child all signals are the child's."""

    @functools.wraps(original)
    def protected(*arguments, **keywords):
        number = arguments[0] if arguments else keywords.get("signalnum", keywords.get("sig"))
        if number not in OF_THE_SERVER or os.getpid() != _server:
            return original(*arguments, **keywords)
        _warn(original.__name__, number, log)
        return instead(number)

    return protected


def _warn(function, number, log):
    """Says once for each line of the app's that the signal stays the server's."""
    from signal import Signals

    name = Signals(number).name
    frame = sys._getframe(1)  # protected(), whose caller may have no frame, as at an exit handler
    frame = frame.f_back or frame
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in ("asyncio", "signal", "uvloop"):
        frame = frame.f_back
    where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    if (where, name) not in _said:
        _said.add((where, name))
        log(f"{where}: {function}({name}) does nothing: {name} stops the server", "warning")
