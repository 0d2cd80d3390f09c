"""The scripts of wrk send what they say."""

import socket
import subprocess

from bench.load.wrk import SCRIPTS


def first_head(script, path):
    """Returns the head of the first request that wrk sends with this script."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
        command = ["wrk", "-t1", "-c1", "-d60s", "-s", SCRIPTS / f"{script}.lua", url]
        listening.settimeout(60)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as wrk:
            try:
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        head = b""
                        while not head.endswith(b"\r\n\r\n") and (piece := connection.recv(4096)):
                            head += piece
                    if head:  # wrk's first connection only tests whether somebody listens
                        return head
            finally:
                wrk.kill()


def test_a_browser_sends_ten_fields_in_600_bytes():
    for path in ("/plaintext", "/"):
        head = first_head("browser", path)
        line, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        assert line == b"GET %s HTTP/1.1" % path.encode()
        assert (len(head), len(fields)) == (600, 10)
        assert {b"Host", b"User-Agent", b"Accept", b"Cookie"} <= {field.split(b": ")[0] for field in fields}
