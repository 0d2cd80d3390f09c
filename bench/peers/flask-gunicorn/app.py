"""The workloads in Flask. They avoid jsonify, which ends an answer with a newline that tandem's answers do not have."""

import time

import work
from flask import Flask, Response, request

app = Flask(__name__)


def answer(value, status=200):
    return Response(work.encode(value), status, mimetype="application/json")


def number(parameter):
    return work.number(request.args.to_dict(flat=False), parameter)


@app.errorhandler(work.BadParameter)
def bad_parameter(error):
    return answer({"error": str(error)}, 400)


@app.get("/plaintext")
def plaintext():
    return Response(work.TEXT, mimetype="text/plain")


@app.get("/json")
def json():
    return answer(work.message())


@app.get("/sleep")
def sleep():
    ms = number(work.MS)
    time.sleep(ms / 1000)
    return answer(work.slept(ms))


@app.get("/primes")
def primes():
    return answer(work.primes(number(work.N)))


@app.get("/hash")
def hashed():
    return answer(work.hashed(number(work.KIB), number(work.ROUNDS)))
