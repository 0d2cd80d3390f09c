"""Servers that get their port from the driver, and do not report when they listen there."""

import random
import socket
import time
from pathlib import Path

from bench.servers.server import Failed, Server

IDLE_SECONDS = 30  # in which a start that goes on uses some CPU time, however busy the machine is
STARTING_CPU_SECONDS = 0.3  # so much
LONGEST_SECONDS = 300
FIRST_PORT = 20000
TRIES = 100


def free_port():
    """Returns a free port on 127.0.0.1.

    The port lies below the range from which the kernel assigns ports by itself (ip(7), ip_local_port_range). The kernel
    thus gives it to no other process before the server binds it. If that range leaves no room below it, the port may
    lie within it, and another process may take it. Raises Failed if none of TRIES ports is free.
    """
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
        """Sends standard output to the log: an access log or a greeting must not fill a pipe that nobody reads."""
        return self.log

    def wait_until_ready(self):
        begun = looked_at = time.monotonic()
        cpu_seconds = 0.0
        while time.monotonic() < begun + LONGEST_SECONDS:
            if self.process.poll() is not None:
                self.fail("did not start")
            try:
                socket.create_connection(("127.0.0.1", self.known_port), 1).close()
                return self.known_port
            except ConnectionRefusedError:
                time.sleep(0.001)
            if time.monotonic() > looked_at + IDLE_SECONDS:
                used = self.cpu_seconds() - cpu_seconds
                if used < STARTING_CPU_SECONDS:
                    self.fail(f"does not listen, and did nothing in {IDLE_SECONDS} s")
                looked_at, cpu_seconds = time.monotonic(), cpu_seconds + used
        self.fail(f"did not listen within {LONGEST_SECONDS} s")
