"""The simplest possible server on libuv: bench/peers/libuv/later.c."""

from bench.servers.server import Server
from bench.servers.tandem import BUILT_BENCH

LATER = BUILT_BENCH / "later"


class BareLibuv(Server):
    first_path = "/"

    def __init__(self, wait_ms):
        super().__init__("bare libuv", [LATER, wait_ms])

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.process.wait(20)
            self.fail("did not start")
        return int(line.split()[1])
