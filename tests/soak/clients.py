"""Difficult clients, on a thread of their own. They pipeline, leave at any point, and read slowly."""

import asyncio
import contextlib
import hashlib
import random
import socket
import struct
import threading

CLIENTS = 16


def _get(path):
    return b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path


def _post(body):
    return b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


_CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nchunk\r\n2\r\ned\r\n0\r\n\r\n"

#: Requests, each with the body of its answer if that is known, else None.
MIXTURE = (
    (_get(b"/plaintext"), b"Hello, World!"),
    (_get(b"/json"), b'{"message":"Hello, World!"}'),
    (_get(b"/sleep?ms=2"), b'{"slept_ms":2}'),
    (_get(b"/primes?n=300"), b'{"n":300,"primes":62}'),
    (_get(b"/hash?kib=1"), None),
    (_get(b"/file?size=4k"), None),
    (_post(b"x" * 20000), b"x" * 20000),
    (_CHUNKED, b"chunked"),
)


async def _connect(port, receive_bytes=None):
    sock = socket.socket()
    sock.setblocking(False)
    if receive_bytes:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=sock, limit=1 << 16)


async def _read_head(reader):
    """Reads the head of a response, and returns its status and the length of the body."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    return int(lines[0].split()[1]), int(headers["content-length"])


def _reset(writer):
    """Leaves without a close, so that the server gets a reset."""
    sock = writer.transport.get_extra_info("socket")
    if sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def pipeline(port, source):
    """Sends several requests in each write, on one connection. Every answer must be right and in order."""
    reader, writer = await _connect(port)
    for _ in range(source.randrange(1, 20)):
        batch = source.choices(MIXTURE, k=source.randrange(1, 12))
        writer.write(b"".join(request for request, _ in batch))
        for request, expected in batch:
            status, length = await _read_head(reader)
            body = await reader.readexactly(length)
            if status != 200 or expected not in (None, body):
                raise AssertionError(f"{request[:60]} was answered {status} {body[:200]}")
    writer.close()


async def leave(port, source):
    """Sends one to three requests or a part of them, then leaves by a close or a reset, at once or a little later."""
    _, writer = await _connect(port)
    request = b"".join(one for one, _ in source.choices(MIXTURE, k=source.randrange(1, 4)))
    with contextlib.suppress(OSError):
        writer.write(request[: source.randrange(len(request) + 1)])
        if source.random() < 0.7:
            await asyncio.sleep(source.random() * 0.02)
    if source.random() < 0.5:
        _reset(writer)
    else:
        writer.close()


async def read_slowly(port, source):
    """Reads a large answer slowly, and leaves before its end half of the time."""
    reader, writer = await _connect(port, 4096)
    writer.write(_get(b"/file?size=1m"))
    status, length = await _read_head(reader)
    if (status, length) != (200, 1 << 20):
        raise AssertionError(f"a file of 1 MiB was answered {status}, {length} bytes")
    left = length if source.random() < 0.5 else source.randrange(length)
    whole, digest = left == length, hashlib.sha256()
    while left:
        piece = await reader.read(min(left, 1 << 15))
        if not piece:
            raise AssertionError(f"closed {left} bytes before the end")
        left -= len(piece)
        digest.update(piece)
        await asyncio.sleep(source.random() * 0.004)
    if whole:
        writer.close()
        return digest.hexdigest()
    _reset(writer)
    return None


class Crowd(threading.Thread):
    """Runs CLIENTS clients at a time until ``go``, which raises the exception of a client that failed."""

    def __init__(self, port, seed):
        super().__init__(daemon=True)
        self._port = port
        self._sources = [random.Random(f"{seed} {number}") for number in range(CLIENTS)]
        self._over = threading.Event()
        self._error = None
        self._digests = set()
        self.served = 0
        self.start()

    def run(self):
        try:
            asyncio.run(self._be_there())
        except BaseException as error:
            self._error = error

    async def _be_there(self):
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(self._one_after_the_other(source))

    async def _one_after_the_other(self, source):
        while not self._over.is_set():
            self._digests.add(await source.choice((pipeline, leave, read_slowly))(self._port, source))
            self.served += 1

    def go(self, seconds=120):
        self._over.set()
        self.join(seconds)
        assert not self.is_alive(), "still there"
        if self._error:
            raise self._error
        assert len(self._digests - {None}) <= 1, "a large file was not always the same"
