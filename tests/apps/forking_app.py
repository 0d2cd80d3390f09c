"""Handlers that fork, as a WSGI app (``wsgi``) and as an ASGI app (``asgi``). The path names the handler."""

import asyncio
import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

HANDLERS = {}


def handler(function):
    HANDLERS["/" + function.__name__] = function
    return function


def square(number):
    return number * number


def version():
    return sys.version_info[:3]


def own_descriptors(*ours):
    """Returns what each open descriptor above 2 is, except for ``ours``."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that lists them
            if int(name) > 2 and int(name) not in ours:
                found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found


def child_says(function):
    """Forks a child that writes the result of ``function(the pipe's descriptors)`` as JSON. Returns that and the
    status."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(function(reading, writing)).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        said = json.load(pipe)
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@handler
def dispositions():
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)

    def in_child(*_):
        """Returns the signals that are caught, ignored or blocked (proc_pid_status(5))."""
        with open("/proc/self/status") as status:
            masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigCgt", "SigIgn", "SigBlk"))]
        return [number for number in numbers if any(mask >> (number - 1) & 1 for mask in masks)]

    return child_says(in_child)


@handler
def descriptors():
    return child_says(own_descriptors)


@handler
def terminated():
    """multiprocessing's child is terminated while it sleeps. Returns its exit code."""
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    child.terminate()
    child.join()
    return child.exitcode


@handler
def own_handler():
    """A forked child takes SIGTERM by signal.signal, as any Python program may."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGTERM)
        os.write(writing, b"survived")
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        return pipe.read(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def processes(method):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        return pool.map(square, range(4)), pool.apply(version)


@handler
def fork():
    return processes("fork")


@handler
def spawn():
    return processes("spawn")


@handler
def forkserver():
    return processes("forkserver")


@handler
def executor():
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(square, range(4)))


@handler
def program():
    script = "import os; print(os.listdir('/proc/self/fd'))"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


@handler
def shell():
    """A program that inherits all that is not closed by execve."""
    done = subprocess.run(["ls", "/proc/self/fd"], close_fds=False, capture_output=True, text=True, check=True)
    return done.stdout.split()


def ends(function):
    """Forks a child that goes on with ``function``. Returns its exit status in the parent."""
    child = os.fork()
    if child == 0:
        return function()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@handler
def returns():
    return ends(lambda: "the child answers")


@handler
def raises():
    return ends(lambda: 1 / 0)


@handler
def exits():
    return ends(lambda: sys.exit(7))


def wsgi(environ, start_response):
    if environ["PATH_INFO"] == "/streams":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return streamed()
    answer = json.dumps(HANDLERS[environ["PATH_INFO"]]()).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def streamed():
    """Forks between two pieces; the child goes on with the next piece."""
    yield b"first "
    child = os.fork()
    if child == 0:
        yield b"the child answers"
    else:
        yield str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode()


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path == "/awaits":  # the child awaits, and so comes back to the loop
        answer = ends(lambda: None)
        if answer is None:
            await asyncio.sleep(0.01)
            answer = "the child answers"
    elif path == "/exits_later":
        await asyncio.sleep(0)  # from now on the loop itself calls the coroutine
        answer = HANDLERS["/exits"]()
    elif path == "/thread":  # as a framework's threads call its handlers
        answer = await asyncio.to_thread(HANDLERS["/returns"])
    else:
        answer = HANDLERS[path]()
    body = json.dumps(answer).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
