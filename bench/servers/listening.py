"""A server that is told its port, and says nothing to the driver when it listens there."""

import socket
import time

from bench.servers.server import Server

READY_SECONDS = 30


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Listening(Server):
    def __init__(self, name, port, command, environment=None):
        super().__init__(name, command, environment)
        self.known_port = port

    def output(self):
        """An access log or a greeting must not fill a pipe that nobody reads."""
        return self.log

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.fail("did not start")
            try:
                socket.create_connection(("127.0.0.1", self.known_port), 1).close()
                return self.known_port
            except ConnectionRefusedError:
                time.sleep(0.001)
        self.fail(f"did not listen within {READY_SECONDS} s")
