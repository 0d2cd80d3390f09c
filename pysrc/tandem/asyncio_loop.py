"""The event loop of py-asyncio, on the thread that calls this. ``src/python/asyncio_loop.c`` is the other half."""

import asyncio

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
    def look(due):
        now = loop.time()
        record(max(now - due, 0.0))
        loop.call_at(now + DELAY_PERIOD, look, now + DELAY_PERIOD)

    look(loop.time())


async def _end_tasks():
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def serve(loop, fd, on_ready, record_delay):
    """Calls ``on_ready`` when ``fd`` can be read, until somebody stops the loop. Leaves no task and no thread."""
    asyncio.set_event_loop(loop)
    loop.add_reader(fd, on_ready)
    _watch_delay(loop, record_delay)
    try:
        loop.run_forever()
    finally:
        loop.remove_reader(fd)
        loop.run_until_complete(_end_tasks())
        asyncio.set_event_loop(None)
        loop.close()
