"""A websocket client that sends any frame that a test wants, as the bytes of RFC 6455."""

import select
import struct

from support import is_closed

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
HEADERS = {
    "Host": "x",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def handshake(path, changed=None, method="GET", version="HTTP/1.1"):
    """Returns the bytes of a handshake with some headers changed. A header that is None is left out."""
    headers = {**HEADERS, **(changed or {})}
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
    return f"{method} {path} {version}\r\n{''.join(lines)}\r\n".encode()


def frame(opcode, payload=b"", final=True, masked=True, reserved=0, length=None):
    """Returns a client's frame. length replaces the true length of the payload in its head."""
    said = len(payload) if length is None else length
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mask_bit = 0x80 if masked else 0
    if said < 126:
        head = struct.pack("!BB", first, mask_bit | said)
    elif said < 1 << 16:
        head = struct.pack("!BBH", first, mask_bit | 126, said)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, said)
    if not masked:
        return head + payload
    mask = b"\x01\x80\x7f\xfe"
    pad = (mask * (len(payload) // 4 + 1))[: len(payload)]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return head + mask + hidden.to_bytes(len(payload), "big")


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack("!H", code) + reason)


class RawWebSocket:
    """A websocket to a server. after has bytes to send in one piece with the handshake."""

    def __init__(self, server, path, after=b"", headers=None, timeout=60):
        self.socket = server.connect(timeout)
        self.data = b""
        self.send(handshake(path, headers) + after)
        while b"\r\n\r\n" not in self.data:
            self._read()
        self.head, _, self.data = self.data.partition(b"\r\n\r\n")
        assert self.head.startswith(b"HTTP/1.1 101 "), self.head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_until_held_up(self, data, most):
        """Sends data again and again until the server takes no more, and returns the number of bytes sent.

        The server must stop before it has taken ``most`` bytes.
        """
        sent = 0
        self.socket.setblocking(False)
        while select.select([], [self.socket], [], 1)[1]:
            sent += self.socket.send(data[sent % len(data) :])
            assert sent < most, "the server takes all of it"
        self.socket.settimeout(60)
        return sent

    def _read(self):
        piece = self.socket.recv(1 << 20)
        assert piece, f"closed after {self.data[:200]!r}"
        self.data += piece

    def _take(self, count):
        while len(self.data) < count:
            self._read()
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def frame(self):
        """Returns the next frame: (opcode, final, payload)."""
        first, length = self._take(2)
        assert not first & 0x70 and not length & 0x80, "a server's frame has neither reserved bits nor a mask"
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(self._take(8), "big")
        return first & 0x0F, bool(first & 0x80), self._take(length)

    def frame_but_pings(self):
        """Returns the next frame that is not a ping, and answers each ping before it.

        Pings may come between the fragments of a message (RFC 6455, 5.4). They do if a test takes long.
        """
        while (got := self.frame())[0] == PING:
            self.send(frame(PONG, got[2]))
        return got

    def message(self):
        """Returns the next complete message: (opcode, payload)."""
        opcode, final, payload = self.frame_but_pings()
        while not final:
            further, final, piece = self.frame_but_pings()
            assert further == CONTINUATION
            payload += piece
        return opcode, payload

    def closed(self):
        """Reads up to the close frame, and returns (code, reason). code is None if the frame has none."""
        while (message := self.message())[0] != CLOSE:
            pass
        payload = message[1]
        code = int.from_bytes(payload[:2], "big") if payload else None
        return code, payload[2:].decode()

    def expect_end(self):
        assert not self.data and is_closed(self.socket)
