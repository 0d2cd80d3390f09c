"""Websockets frame by frame: the frames that a client may send, and those that it may not."""

import json

import pytest

from raw_websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawWebSocket, close_frame, frame
from support import APPS, Server, wait_until

MESSAGE_MAX = 16 << 20


@pytest.fixture(scope="module")
def app():
    server = Server("--mode", "py-asyncio", "--app-dir", APPS, "websocket_app:app")
    yield server
    server.stop()


def seen(app):
    return json.loads(app.get("/what-was-seen")[2])


def expect_seen(app, line):
    wait_until(lambda: line in seen(app))


def expect_alive(app):
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(TEXT, b"alive"))
        assert ws.message() == (TEXT, b"alive")


def test_bytes_one_by_one(app):
    with RawWebSocket(app, "/echo") as ws:
        for byte in frame(TEXT, "hä".encode()) + frame(BINARY, bytes(200)):
            ws.send(bytes([byte]))
        assert ws.message() == (TEXT, "hä".encode())
        assert ws.message() == (BINARY, bytes(200))
        for byte in frame(PING, b"?"):
            ws.send(bytes([byte]))
        assert ws.message() == (PONG, b"?")


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536, 100_000])
def test_all_forms_of_length(app, length):
    payload = bytes(n & 0xFF for n in range(length))
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(BINARY, payload) + frame(TEXT))
        assert ws.message() == (BINARY, payload)
        assert ws.message() == (TEXT, b"")


def test_fragments_with_pings_between_them(app):
    euro = "€".encode()
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(TEXT, euro[:1], final=False) + frame(PING, b"between"))
        assert ws.frame() == (PONG, True, b"between")
        ws.send(frame(CONTINUATION, b"", final=False) + frame(PONG, b"unasked") + frame(CONTINUATION, euro[1:]))
        assert ws.message() == (TEXT, euro)


def test_a_pong_goes_between_the_fragments_of_a_large_message(app):
    with RawWebSocket(app, "/sends-one?50000000") as ws:
        ws.send(frame(PING, b"now"))
        opcodes, length, final = [], 0, False
        while not final or opcodes[-1] == PONG:
            opcode, final, payload = ws.frame()
            opcodes.append(opcode)
            length += len(payload)
        assert length == 50_000_000 + len(b"now")
        assert opcodes.count(PONG) == 1 and opcodes.index(PONG) < len(opcodes) - 1


def test_pings_of_a_client_that_takes_no_pongs_are_not_read(app):
    """The pongs of more pings would need memory."""
    with RawWebSocket(app, "/echo") as ws:
        before = app.stats()["process"]["resident_memory_bytes"]
        ws.send_until_held_up(frame(PING, bytes(125)) * 1000, 100_000_000)
        assert app.stats()["process"]["resident_memory_bytes"] < before + 8_000_000
        assert ws.frame() == (PONG, True, bytes(125))
    expect_alive(app)


FAULTS = {
    "not masked": (frame(TEXT, b"x", masked=False), 1002, "a frame is not masked, or has reserved bits"),
    "a close that is not masked": (frame(CLOSE, b"\x03\xe8", masked=False), 1002, "a frame is not masked"),
    "rsv1": (frame(TEXT, b"x", reserved=4), 1002, "a frame is not masked, or has reserved bits"),
    "rsv3 of a ping": (frame(PING, b"x", reserved=1), 1002, "reserved bits"),
    "a reserved opcode": (frame(3, b"x"), 1002, "a frame has a reserved opcode"),
    "a reserved control opcode": (frame(11, b"x"), 1002, "a frame has a reserved opcode"),
    "the middle of none": (frame(CONTINUATION, b"x"), 1002, "a message goes on that has not begun"),
    "one inside another": (frame(TEXT, b"x", final=False) + frame(TEXT, b"y"), 1002, "begins inside another"),
    "a ping in fragments": (frame(PING, b"x", final=False), 1002, "a frame is malformed"),
    "a long ping": (frame(PING, bytes(126)), 1002, "a frame is malformed"),
    "a length with too many bytes": (b"\x82\xfe\x00\x05" + bytes(9), 1002, "a frame is malformed"),
    "a length of 2 ** 63": (b"\x82\xff\x80" + bytes(20), 1002, "a frame is malformed"),
    "half a close code": (frame(CLOSE, b"\x03"), 1002, "half a close code"),
    "bad utf-8": (frame(TEXT, b"\xff"), 1007, "the text is not UTF-8"),
    "a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007, "the text is not UTF-8"),
    "a character cut off": (frame(TEXT, "€".encode()[:2]), 1007, "the text is not UTF-8"),
    "a character with a NUL in it": (frame(TEXT, b"\xe2\x82\x00"), 1007, "the text is not UTF-8"),
    "bad utf-8 after many": (frame(TEXT, b"12345678" * 99 + b"\xc0\x80"), 1007, "the text is not UTF-8"),
    "a bad close reason": (close_frame(1000, b"\xff"), 1007, "the close reason is not UTF-8"),
    **{
        f"close code {code}": (close_frame(code), 1002, "not a close code")
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_client_must_not_send(app, name):
    data, code, reason = FAULTS[name]
    with RawWebSocket(app, "/echo") as ws:
        ws.send(data + frame(TEXT, b"nobody reads this"))
        told_code, told_reason = ws.closed()
        assert told_code == code and reason in told_reason
        ws.expect_end()
    expect_seen(app, f"echo: websocket.disconnect {code} {told_reason}")


def test_as_much_as_a_message_may_have(app):
    payload = b"\xc3\xa4" * (MESSAGE_MAX // 2)
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(TEXT, payload[:5], final=False) + frame(CONTINUATION, payload[5:]))
        assert ws.message() == (TEXT, payload)
        ws.send(frame(BINARY, payload))
        assert ws.message() == (BINARY, payload)


@pytest.mark.parametrize(
    "data",
    [
        frame(BINARY, b"first", length=MESSAGE_MAX + 1),
        frame(BINARY, b"first", length=1 << 62),
        frame(TEXT, b"1", final=False) + frame(CONTINUATION, b"next", length=MESSAGE_MAX),
    ],
)
def test_one_byte_more(app, data):
    with RawWebSocket(app, "/echo") as ws:
        ws.send(data)
        assert ws.closed() == (1009, "a message is over 16 MiB")
        ws.expect_end()


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
def test_close_codes_of_the_client(app, code):
    reason = "gé" + str(code)
    with RawWebSocket(app, "/echo") as ws:
        ws.send(close_frame(code, reason.encode()) + frame(TEXT, b"after"))
        assert ws.closed() == (code, "")
        ws.expect_end()
    expect_seen(app, f"echo: websocket.disconnect {code} {reason}")


def test_a_close_without_a_code(app):
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(CLOSE))
        assert ws.closed() == (None, "")
        ws.expect_end()
    expect_seen(app, "echo: websocket.disconnect 1005 ")


def test_a_close_in_the_middle_of_a_message(app):
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(TEXT, b"x", final=False) + close_frame(1001))
        assert ws.closed() == (1001, "")


def test_a_client_that_just_leaves(app):
    with RawWebSocket(app, "/echo") as ws:
        ws.send(frame(TEXT, b"x", final=False))
    expect_seen(app, "echo: websocket.disconnect 1006 ")
