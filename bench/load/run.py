"""What one run of a load gave."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    requests: int
    seconds: float
    requests_per_second: float
    cpu_us_per_request: float
    server_busy: float  # share of the time that the server's threads were on a core; 1.0 is one whole core
    load_busy: float  # the same of the load
    errors: dict  # how many of each kind
    latencies_us: dict  # by clock, see docs/results.md: {"client": {"mean", "p50", …}, "wrk": {…}}
    curves_us: dict  # by clock: [[quantile, µs], …]
    resident_bytes: int

    def failed(self):
        return sum(self.errors.values())
