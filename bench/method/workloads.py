"""What the comparison asks for: each workload with the parameters that make it worth measuring."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    name: str
    path: str
    script: str = "get"

    def check(self, server):
        """The answer, for comparing it with other models' before anything is timed."""
        if self.script == "post":
            return server.request("POST", self.path, b"checked", {"Content-Type": "text/plain"})
        return server.get(self.path)


ALL = {
    workload.name: workload
    for workload in (
        Workload("plaintext", "/plaintext"),
        Workload("json", "/json"),
        Workload("echo", "/echo", "post"),
        Workload("sleep", "/sleep?ms=10"),
        Workload("primes", "/primes?n=1000"),
        Workload("hash", "/hash?kib=64"),
        Workload("file", "/file?size=4k"),
    )
}
