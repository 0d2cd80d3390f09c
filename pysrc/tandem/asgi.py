"""The lifespan of an ASGI app (ASGI 3, "Lifespan Protocol")."""

import asyncio
import traceback


class StartupFailed(Exception):
    """The app's startup failed. The text includes the app's message."""


def _failure(message):
    return str(message) or "the app gave no message"


class Lifespan:
    """The call of the app for its lifespan, from before the first request until after the last.

    ``log(text, level)`` writes to the log.
    """

    def __init__(self, app, log):
        self.app = app
        self.log = log
        self.state = {}

    async def _call(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self.app(scope, self.events.get, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._report(error)
        finally:
            for moment in (self.started, self.stopped):
                if not moment.done():
                    moment.set_result(None)

    def _report(self, error):
        """Says what the exception of the call means. After the app has reported a failure it means nothing more."""
        if not self.started.done():
            said = "".join(traceback.format_exception_only(error)).strip()
            self.log(f"served without a lifespan: the call for it raised {said}", "info")
        elif self.failure is None:
            trace = "".join(traceback.format_exception(error)).rstrip()
            self.log(f"its lifespan has ended with an exception, and the server goes on without it:\n{trace}", "error")

    async def _send(self, event):
        kind = event["type"]
        moment = self.started if kind.startswith("lifespan.startup.") else self.stopped
        if moment.done():
            raise RuntimeError(f"send: {kind} comes too late")
        if kind.endswith(".failed"):
            self.failure = event.get("message", "")
        moment.set_result(None)

    async def startup(self):
        """Returns the state of which each request gets a copy. Raises StartupFailed."""
        loop = asyncio.get_running_loop()
        self.events = asyncio.Queue()
        self.started, self.stopped = loop.create_future(), loop.create_future()
        self.failure = None
        self.stopping = False
        self.events.put_nowait({"type": "lifespan.startup"})
        self.task = loop.create_task(self._call())
        await self.started
        if self.failure is not None:
            raise StartupFailed(f"the app's startup failed: {_failure(self.failure)}")
        return self.state

    async def shutdown(self):
        """Sends the shutdown event and waits for the app's answer. May be called again if it was cancelled."""
        if self.stopped.done():
            return  # the app does not support the lifespan protocol, or its lifespan call has ended
        if not self.stopping:
            self.stopping = True
            self.failure = None
            self.events.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait([self.stopped])
        if self.failure is not None:
            self.log(f"the app's shutdown failed: {_failure(self.failure)}")
