"use strict";

const express = require("express");

const matmul = require("../shared/matmul.js");
const serve = require("../shared/serve.js");
const work = require("../shared/work.js");

const app = express();

app.get("/", (req, res) => {
    res.json(work.message());
});

app.get("/plaintext", (req, res) => {
    res.type("text/plain").send(work.TEXT);
});

app.get("/json", (req, res) => {
    res.json(work.message());
});

app.get("/sleep", async (req, res) => {
    res.json(await work.sleep(work.number(req.query, work.MS)));
});

app.get("/primes", (req, res) => {
    res.json(work.primes(work.number(req.query, work.N)));
});

app.get("/hash", (req, res) => {
    res.json(work.hash(work.number(req.query, work.KIB), work.number(req.query, work.ROUNDS)));
});

app.get("/matmul", (req, res) => {
    res.json(matmul(work.number(req.query, work.SIZE)));
});

// Four parameters tell Express that it is the error handler.
app.use((error, req, res, next) => {
    res.status(error.statusCode || 500).json({ error: error.message });
});

serve((port, host) => app.listen(port, host));
