// Runs an HTTP server where HOST and PORT say, in WORKERS processes (1; more by Node's cluster), until SIGTERM.
"use strict";

const cluster = require("node:cluster");

const host = process.env.HOST || "127.0.0.1";
const port = Number(process.env.PORT || 8080);
const workers = Number(process.env.WORKERS || 1);

const KEEP_ALIVE_MS = 75000; // tandem's
const STOP_MS = 5000;

// A handler of one's own: in a container this is process 1, which no signal ends by default.
function listen(start) {
    const server = start(port, host);
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    process.once("SIGTERM", () => {
        server.close(() => process.exit());
        setTimeout(() => process.exit(), STOP_MS).unref();
    });
}

function supervise() {
    for (let i = 0; i < workers; i++)
        cluster.fork();
    process.once("SIGTERM", () => {
        for (const worker of Object.values(cluster.workers))
            worker.process.kill("SIGTERM");
    });
}

// start(port, host) makes the http.Server listen, and returns it.
module.exports = function serve(start) {
    if (workers > 1 && cluster.isPrimary)
        supervise();
    else
        listen(start);
};
