"""FastAPI with ``async def`` routes, which run on the event loop itself."""

import asyncio

import work
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from fastapi_parameters import Kib, Ms, N, Rounds

app = FastAPI()


@app.get("/plaintext", response_class=PlainTextResponse)
async def read_plaintext():
    return work.TEXT


@app.get("/json")
async def read_json():
    return work.message()


@app.get("/sleep")
async def read_sleep(ms: Ms = work.MS.fallback):
    await asyncio.sleep(ms / 1000)
    return work.slept(ms)


@app.get("/primes")
async def read_primes(n: N = work.N.fallback):
    return work.primes(n)


@app.get("/hash")
async def read_hash(kib: Kib = work.KIB.fallback, rounds: Rounds = work.ROUNDS.fallback):
    return work.hashed(kib, rounds)
