"""The lifespan of an ASGI app (ASGI 3, "Lifespan Protocol")."""

import asyncio


class StartupFailed(Exception):
    """With the message that the app gave."""


class Lifespan:
    """The app's call for its lifespan, from before the first request until after the last."""

    def __init__(self, app, log):
        self.app = app
        self.log = log
        self.state = {}

    async def _call(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self.app(scope, self.events.get, self._send)
        except BaseException as error:
            # An app that knows no lifespan raises when it is called for one: it goes without. Once it has said that it
            # is up, an exception is its failure.
            self.error = error
            if self.started.done():
                raise
        finally:
            for moment in (self.started, self.stopped):
                if not moment.done():
                    moment.set_result(None)

    async def _send(self, event):
        kind = event["type"]
        moment = self.started if kind.startswith("lifespan.startup.") else self.stopped
        if moment.done():
            raise RuntimeError(f"send: {kind} comes too late")
        if kind.endswith(".failed"):
            self.failure = event.get("message", "")
        moment.set_result(None)

    async def startup(self):
        """Returns the state that requests get a copy of. Raises StartupFailed."""
        loop = asyncio.get_running_loop()
        self.events = asyncio.Queue()
        self.started, self.stopped = loop.create_future(), loop.create_future()
        self.error = self.failure = None
        self.stopping = False
        self.events.put_nowait({"type": "lifespan.startup"})
        self.task = loop.create_task(self._call())
        await self.started
        if self.failure is not None:
            self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # it is told here
            raise StartupFailed(f"the app's startup failed: {self.failure}")
        return self.state

    async def shutdown(self):
        """May be called again, where it was cancelled."""
        if self.stopped.done():
            return  # it knows no lifespan
        if not self.stopping:
            self.stopping = True
            self.failure = None
            self.events.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait([self.stopped])
        if self.failure is not None:
            self.log(f"the app's shutdown failed: {self.failure}".encode(errors="backslashreplace"))
