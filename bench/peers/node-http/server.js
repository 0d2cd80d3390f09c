"use strict";

const http = require("node:http");
const querystring = require("node:querystring");

const serve = require("../shared/serve.js");
const work = require("../shared/work.js");

const routes = {
    "/json": () => work.message(),
    "/sleep": (query) => work.sleep(work.number(query, work.MS)),
    "/primes": (query) => work.primes(work.number(query, work.N)),
    "/hash": (query) => work.hash(work.number(query, work.KIB), work.number(query, work.ROUNDS)),
};

function send(response, status, type, body) {
    response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
    response.end(body);
}

function sendJson(response, status, value) {
    send(response, status, "application/json", JSON.stringify(value));
}

// An answer that is there at once is sent at once, not a microtask later, as it would be after await.
function respond(request, response) {
    const [path, query] = request.url.split("?", 2);
    if (path === "/plaintext") {
        send(response, 200, "text/plain; charset=utf-8", work.TEXT);
        return;
    }
    const route = Object.hasOwn(routes, path) ? routes[path] : null;
    if (!route) {
        sendJson(response, 404, { error: "no such path" });
        return;
    }
    const value = route(query ? querystring.parse(query) : {});
    if (value instanceof Promise)
        value.then((answer) => sendJson(response, 200, answer));
    else
        sendJson(response, 200, value);
}

const server = http.createServer((request, response) => {
    try {
        respond(request, response);
    } catch (error) {
        sendJson(response, error.statusCode || 500, { error: error.message });
    }
});

serve((port, host) => server.listen(port, host));
