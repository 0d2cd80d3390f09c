"""The event loop of py-asyncio. It runs on the thread that calls ``serve``.

The C half is in ``src/python/workers/event_loop.c`` and ``event_loop_thread.c``.
"""

import asyncio
import concurrent.futures
import os
import traceback
import weakref
from time import monotonic

#: The period in seconds at which the loop measures how late its timers fire: the same as in the io_threads' loops.
DELAY_PERIOD = 0.01


def make(choice):
    """Returns a new event loop and the name of its implementation. ``choice`` is asyncio, uvloop, or auto."""
    if choice != "asyncio":
        try:
            import uvloop
        except ImportError as error:
            if choice == "uvloop":
                raise ImportError(f"{error}; --venv DIR adds the packages of a virtual environment") from error
        else:
            return uvloop.new_event_loop(), "uvloop"
    return asyncio.new_event_loop(), "asyncio"


def _watch_delay(loop, record):
    # loop.time() would not do: uvloop updates it only once per loop iteration.
    def look(due):
        now = monotonic()
        record(max(now - due, 0.0))
        loop.call_later(DELAY_PERIOD, look, now + DELAY_PERIOD)

    look(monotonic())


async def _end_tasks(lifespan):
    """Shuts the lifespan down and ends all tasks, including those that are created meanwhile. asyncio passes a task's
    exception to the exception handler."""
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


def _end_in_forked_children(loop, check_child):
    """Makes a forked child end, at the latest, when the code that forked comes back to the loop. Otherwise the loop
    would go on in the child with what it shares with the server. A library's thread comes back by
    call_soon_threadsafe."""

    def end(*arguments, **_):
        for future in arguments:
            if isinstance(future, (asyncio.Future, concurrent.futures.Future)) and future.done():
                check_child(None if future.cancelled() else future.exception())
        check_child()

    weak = weakref.ref(loop)  # what is registered stays until the end of Python

    def in_child():
        loop = weak()
        if loop is None:
            return
        loop.call_soon = loop.call_soon_threadsafe = end
        loop.stop()
        if isinstance(loop, asyncio.SelectorEventLoop):
            loop._ready.clear()  # the callbacks that are due
            loop._selector.close()  # an epoll descriptor that the child shares with the server

    os.register_at_fork(after_in_child=in_child)


def _run_until_complete(loop, main, check_child):
    try:
        loop.run_until_complete(main)
    except BaseException as error:
        check_child(error if isinstance(error, SystemExit) else None)  # others tell of the loop, which was stopped
        raise
    check_child()


def _run(loop, main, check_child, log):
    """Runs the loop until the Task ``main`` is done.

    This uses run_until_complete, since libraries look for the Task that was passed to it. anyio's threads live as long
    as that Task; without one, they would live for one request only.

    A Task that ends by SystemExit or KeyboardInterrupt stores that exception, and asyncio also raises it here. A
    handler may also stop the loop. Neither may end the service, so the loop goes on.
    """
    while not main.done():
        try:
            _run_until_complete(loop, main, check_child)
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
    """Returns an exception handler that writes to the log. asyncio's default handler would write to stderr."""

    def handle(loop, context):
        lines = [context["message"]]
        lines += [f"{key}: {value!r}" for key, value in context.items() if key not in ("message", "exception")]
        if error := context.get("exception"):
            lines += ["".join(traceback.format_exception(error)).rstrip()]
        log("\n".join(lines).encode(errors="backslashreplace"))

    return handle


def start_app(loop, app, log, check_child):
    """Runs an ASGI app's startup. Returns its lifespan, and the state of which each request gets a copy."""
    from tandem import app as apps  # imported only if there is an ASGI app
    from tandem import asgi, process

    process.protect_loop(loop, log)
    _end_in_forked_children(loop, check_child)
    asyncio.set_event_loop(loop)
    lifespan = asgi.Lifespan(app, log)
    state = loop.run_until_complete(lifespan.startup())
    apps.freeze()
    return lifespan, state


def _follow_debug(loop, start_tasks):
    """Calls ``start_tasks(lazily)`` with the loop's debug mode, now and whenever that changes."""
    set_debug = loop.set_debug

    def follow(enabled):
        set_debug(enabled)
        start_tasks(enabled)

    loop.set_debug = follow
    start_tasks(loop.get_debug())


def serve(loop, fd, lifespan, grace, on_ready, calls, record_delay, start_tasks, check_child, log):
    """Runs the event loop until the last request is answered.

    ``on_ready`` is called with a Future whenever ``fd`` is readable. It gives the Future a result when no more requests
    will come. The tasks that ``calls()`` then returns have ``grace`` more seconds. No task and no thread is left
    afterwards; the loop is closed. ``start_tasks(lazily)`` says whether the loop itself shall start the tasks of
    requests. ``check_child()`` does not return in a forked child.
    """
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_exception_handler(log))
    if lifespan is None:  # else start_app() has done this
        _end_in_forked_children(loop, check_child)
    _follow_debug(loop, start_tasks)
    _watch_delay(loop, record_delay)
    try:
        main = loop.create_task(_main(fd, on_ready, loop.create_future(), calls, grace, log), name="main")
        _run(loop, main, check_child, log)
        ending = None
        while ending is None or ending.cancelled():  # a Task that tidies up may cancel all other Tasks
            ending = loop.create_task(_end_tasks(lifespan))
            _run(loop, ending, check_child, log)
        ending.result()
    finally:
        asyncio.set_event_loop(None)
        loop.close()
