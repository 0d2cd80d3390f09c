"""The lifespan of an ASGI app (ASGI 3, "Lifespan Protocol")."""

import asyncio


class StartupFailed(Exception):
    """The app's startup failed. The text includes the app's message."""


class Lifespan:
    """The call of the app for its lifespan, from before the first request until after the last."""

    def __init__(self, app, log):
        self.app = app
        self.log = log
        self.state = {}

    async def _call(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self.app(scope, self.events.get, self._send)
        except BaseException as error:
            # An app that does not support the lifespan protocol raises here. It is then served without a lifespan.
            # After the app has reported its startup, an exception is a failure.
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
        """Returns the state of which each request gets a copy. Raises StartupFailed."""
        loop = asyncio.get_running_loop()
        self.events = asyncio.Queue()
        self.started, self.stopped = loop.create_future(), loop.create_future()
        self.error = self.failure = None
        self.stopping = False
        self.events.put_nowait({"type": "lifespan.startup"})
        self.task = loop.create_task(self._call())
        await self.started
        if self.failure is not None:
            # The failure is reported here, so this marks the Task's exception as retrieved.
            self.task.add_done_callback(lambda task: task.cancelled() or task.exception())
            raise StartupFailed(f"the app's startup failed: {self.failure}")
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
            self.log(f"the app's shutdown failed: {self.failure}".encode(errors="backslashreplace"))
