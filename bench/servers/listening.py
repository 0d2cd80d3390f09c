"""A server that is told its port, and says nothing to the driver when it listens there."""

import random
import socket
import time
from pathlib import Path

from bench.servers.server import Failed, Server

READY_SECONDS = 30
FIRST_PORT = 20000
TRIES = 100


def free_port():
    """One that nobody has, and that the kernel gives to nobody else before the server has it: those that it chooses
    itself lie above (ip(7), ip_local_port_range). Where these leave no room it is one of them, and
    another may take it."""
    chosen_by_kernel, _ = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    ports = range(FIRST_PORT, chosen_by_kernel) or range(1024, chosen_by_kernel) or range(FIRST_PORT, 65536)
    for port in random.sample(ports, min(TRIES, len(ports))):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failed(f"of {TRIES} ports from {ports[0]} to {ports[-1]} none is free")


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
