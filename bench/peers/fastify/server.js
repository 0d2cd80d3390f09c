"use strict";

const app = require("fastify")();

const serve = require("../shared/serve.js");
const work = require("../shared/work.js");

// Fastify checks and converts a query by its schema, and has a serialiser compiled for an answer's.
function schema(parameters, properties) {
    const query = {};
    for (const { name, minimum, maximum, fallback } of parameters)
        query[name] = { type: "integer", minimum, maximum, default: fallback };
    return {
        schema: {
            querystring: { type: "object", properties: query },
            response: { 200: { type: "object", properties } },
        },
    };
}

const STRING = { type: "string" };
const INTEGER = { type: "integer" };

app.get("/plaintext", async (request, reply) => {
    reply.type("text/plain; charset=utf-8");
    return work.TEXT;
});

app.get("/json", schema([], { message: STRING }), async () => work.message());

app.get("/sleep", schema([work.MS], { slept_ms: INTEGER }), async ({ query }) => work.sleep(query.ms));

app.get("/primes", schema([work.N], { n: INTEGER, primes: INTEGER }), async ({ query }) => work.primes(query.n));

app.get("/hash", schema([work.KIB, work.ROUNDS], { sha256: STRING }), async ({ query }) =>
    work.hash(query.kib, query.rounds));

serve((port, host) => {
    app.listen({ port, host });
    return app.server;
});
