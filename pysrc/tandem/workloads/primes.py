"""/primes: counts the primes up to n by trial division in a plain loop: CPU work, the same in each variant."""

from tandem.workloads import JSON


def count_primes(n):
    primes = 0
    for candidate in range(2, n + 1):
        divisor = 2
        while divisor * divisor <= candidate and candidate % divisor != 0:
            divisor += 1
        if divisor * divisor > candidate:
            primes += 1
    return primes


def run(n):
    return JSON, b'{"n":%d,"primes":%d}' % (n, count_primes(n))


async def start(n):
    return run(n)
