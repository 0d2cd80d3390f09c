"""Malformed requests are refused with 400 or a similar status, as JSON, and counted. The connection is closed."""

import json
import socket

import pytest

from support import read_response, read_to_end

HOST = b"Host: x\r\n"

MALFORMED = {
    "no space": b"GARBAGE\r\n\r\n",
    "no version": b"GET /plaintext\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\n\r\n",
    "two spaces": b"GET  /plaintext HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in target": b"GET /plain text HTTP/1.1\r\n" + HOST + b"\r\n",
    "lower-case version": b"GET /plaintext http/1.1\r\n" + HOST + b"\r\n",
    "trailing space": b"GET /plaintext HTTP/1.1 \r\n" + HOST + b"\r\n",
    "leading space": b" GET /plaintext HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes that are no method": b"\x16\x03\x01\x02\x00\x01\x00",
    "control byte in target": b"GET /plain\x01text HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in target": b"GET /plaintext\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "raw non-ASCII target": b"GET /plaintext\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "%00 in path": b"GET /plaintext%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "%zz in path": b"GET /plaintext%zz HTTP/1.1\r\n" + HOST + b"\r\n",
    "no slash": b"GET plaintext HTTP/1.1\r\n" + HOST + b"\r\n",
    "no Host": b"GET /plaintext HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /plaintext HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "two equal Hosts": b"GET /plaintext HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "Host with a space": b"GET /plaintext HTTP/1.1\r\nHost: x y\r\n\r\n",
    "two Content-Lengths": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "two equal Content-Lengths": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "Content-Length list": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 5, 5\r\n\r\nhello",
    "signed Content-Length": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: +5\r\n\r\nhello",
    "negative Content-Length": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\nhello",
    "hexadecimal Content-Length": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 0x5\r\n\r\nhello",
    "empty Content-Length": b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\nhello",
    "Content-Length and Transfer-Encoding": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding in HTTP/1.0": b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two Transfer-Encodings": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked, identity": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n",
    "xchunked": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "no colon": b"GET /plaintext HTTP/1.1\r\n" + HOST + b"Nonsense\r\n\r\n",
    "no name": b"GET /plaintext HTTP/1.1\r\n" + HOST + b": value\r\n\r\n",
    "folded line": b"GET /plaintext HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n",
    "folded first line": b"GET /plaintext HTTP/1.1\r\n folded\r\n" + HOST + b"\r\n",
    "NUL in a value": b"GET /plaintext HTTP/1.1\r\n" + HOST + b"X-A: a\x00b\r\n\r\n",
    "CR in a value": b"GET /plaintext HTTP/1.1\r\n" + HOST + b"X-A: a\rb\r\n\r\n",
    "bare LF": b"GET /plaintext HTTP/1.1\nHost: x\n\n",
    "chunk size that is none": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello",
    "empty chunk size": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n\r\nhello",
    "chunk longer than its size": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
    "chunk size ended by LF": b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    "chunk ended by LF": b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
}


@pytest.fixture(scope="module")
def server():
    from support import Server

    server = Server("--mode", "uv-loop")
    yield server
    server.stop()


def check_refusal(answer, status=400):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0].startswith(b"HTTP/1.1 %d " % status), answer
    names = {line.split(b":")[0].lower() for line in lines[1:]}
    assert {b"server", b"date", b"content-type", b"content-length"} <= names
    assert b"Server: tandem" in lines
    assert b"Connection: close" in lines
    assert json.loads(body)["error"]


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_is_refused(server, name):
    before = server.rejected("malformed")
    check_refusal(server.raw(MALFORMED[name]))
    assert server.rejected("malformed") == before + 1


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_a_byte_at_a_time_is_refused_too(server, name):
    with server.connect() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for byte in MALFORMED[name]:
                sock.sendall(bytes([byte]))
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before the end
        check_refusal(read_to_end(sock))


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_after_a_good_request_spoils_nothing(server, name):
    """The requests are pipelined. The good one is answered first, then the bad one is refused."""
    with server.connect() as sock:
        sock.sendall(b"GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n" + MALFORMED[name])
        status, _, body, rest = read_response(sock)
        assert (status, body) == (200, b"Hello, World!")
        check_refusal(rest + read_to_end(sock))


def test_other_versions(server):
    check_refusal(server.raw(b"GET /plaintext HTTP/2.0\r\nHost: x\r\n\r\n"), 505)
    check_refusal(server.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505)
    check_refusal(server.raw(b"GET /plaintext HTTP/0.9\r\nHost: x\r\n\r\n"), 505)


def test_unknown_expectation(server):
    check_refusal(server.raw(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: pay\r\nContent-Length: 1\r\n\r\nx"), 417)


def test_what_is_unusual_but_right_is_served(server):
    for request in (
        b"\r\n\r\nGET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET http://example.org/plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /plaintext HTTP/1.0\r\n\r\n",
        b"GET /plaintext HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
        b"GET /plaintext HTTP/1.1\r\nhOsT:\t[::1]:80 \t\r\ncOnNeCtIoN: foo, CLOSE\r\n\r\n",
        b"GET /plain%74ext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /plaintext HTTP/1.9\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /plaintext HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nX-Utf: \xc3\xa4\r\nConnection: close\r\n\r\n",
        b"GET /plaintext HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
    ):
        answer = server.raw(request)
        assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\nHello, World!"), (request, answer)
