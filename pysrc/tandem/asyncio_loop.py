"""The event loop of py-asyncio, on the thread that calls this. ``src/python/asyncio_loop.c`` is the other half."""

import asyncio
import traceback
from time import monotonic

#: How often the loop looks how late its timers fire, in seconds: as the fronts' loops do.
DELAY_PERIOD = 0.01


def make(choice):
    """A new event loop, and the name of its implementation. ``choice``: asyncio, uvloop, or auto."""
    if choice != "asyncio":
        try:
            import uvloop
        except ImportError:
            if choice == "uvloop":
                raise
        else:
            return uvloop.new_event_loop(), "uvloop"
    return asyncio.new_event_loop(), "asyncio"


def _watch_delay(loop, record):
    # Not by loop.time(), which uvloop takes once per turn.
    def look(due):
        now = monotonic()
        record(max(now - due, 0.0))
        loop.call_later(DELAY_PERIOD, look, now + DELAY_PERIOD)

    look(monotonic())


async def _end_tasks(lifespan):
    """Also those that are made meanwhile. What they raise is the exception handler's."""
    if lifespan is not None:
        await lifespan.shutdown()
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


async def _main(fd, on_ready, closed, calls, grace, log):
    loop = asyncio.get_running_loop()
    loop.add_reader(fd, on_ready, closed)
    while not closed.done():
        try:
            await asyncio.wait([closed])
        except asyncio.CancelledError:
            log(b"the event loop goes on: a handler has cancelled its main Task")
    if waited_for := calls():
        await asyncio.wait(waited_for, timeout=grace)
    loop.remove_reader(fd)


def _run(loop, main, log):
    """Runs the loop until the Task ``main`` is done. By run_until_complete, since libraries look for the Task that was
    given to it: anyio's threads live as long as that, or else only for one request. A Task that ends by SystemExit or
    KeyboardInterrupt has it as its result, and asyncio raises it here besides; and a handler may stop the loop. Neither
    is to end the service."""
    while not main.done():
        try:
            loop.run_until_complete(main)
        except (SystemExit, KeyboardInterrupt) as error:
            log(f"the event loop goes on after {error!r}".encode(errors="backslashreplace"))
        except RuntimeError:
            if main.done():
                raise
            log(b"the event loop goes on: a handler has stopped it")
        except asyncio.CancelledError:
            if not main.cancelled():
                raise


def _exception_handler(log):
    """asyncio's default one writes to stderr by itself, beside the log."""

    def handle(loop, context):
        lines = [context["message"]]
        lines += [f"{key}: {value!r}" for key, value in context.items() if key not in ("message", "exception")]
        if error := context.get("exception"):
            lines += ["".join(traceback.format_exception(error)).rstrip()]
        log("\n".join(lines).encode(errors="backslashreplace"))

    return handle


def start_app(loop, app, log):
    """Runs an ASGI app's startup: its lifespan, and the state that requests get a copy of."""
    from tandem import app as apps  # only where there is such an app
    from tandem import asgi

    asyncio.set_event_loop(loop)
    lifespan = asgi.Lifespan(app, log)
    state = loop.run_until_complete(lifespan.startup())
    apps.freeze()
    return lifespan, state


def serve(loop, fd, lifespan, grace, on_ready, calls, record_delay, log):
    """Calls ``on_ready`` when ``fd`` can be read, with a Future to which it gives a result when no request is to come.
    What ``calls()`` has not ended then has ``grace`` seconds more. Leaves no task and no thread."""
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_exception_handler(log))
    _watch_delay(loop, record_delay)
    try:
        _run(loop, loop.create_task(_main(fd, on_ready, loop.create_future(), calls, grace, log), name="main"), log)
        ending = None
        while ending is None or ending.cancelled():  # by a Task that tidies up, and cancels all that there are
            ending = loop.create_task(_end_tasks(lifespan))
            _run(loop, ending, log)
        ending.result()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
