"""FastAPI as at the start of its tutorial: plain ``def`` routes, which FastAPI calls in a pool of 40 threads."""

import time

import numpy
import work
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from fastapi_parameters import Kib, Ms, N, Rounds, Size

app = FastAPI()


@app.get("/")
def read_root():
    return work.message()


@app.get("/plaintext", response_class=PlainTextResponse)
def read_plaintext():
    return work.TEXT


@app.get("/json")
def read_json():
    return work.message()


@app.get("/sleep")
def read_sleep(ms: Ms = work.MS.fallback):
    time.sleep(ms / 1000)
    return work.slept(ms)


@app.get("/primes")
def read_primes(n: N = work.N.fallback):
    return work.primes(n)


@app.get("/hash")
def read_hash(kib: Kib = work.KIB.fallback, rounds: Rounds = work.ROUNDS.fallback):
    return work.hashed(kib, rounds)


@app.get("/matmul")
def read_matmul(n: Size = work.SIZE.fallback):
    """Multiplies two matrices. Their elements are small whole numbers, so the trace is exact in float64."""
    i, j = numpy.ogrid[:n, :n]
    a = (i * j % 7).astype(numpy.float64)
    b = ((i + j) % 5).astype(numpy.float64)
    return {"n": n, "trace": int(numpy.trace(a @ b))}
