// The work of the peers in JavaScript: tandem's workloads, with the same answers, limits and defaults.
//
// Each returns what is to be serialised; the peer does that for each request, in the way of its framework.
"use strict";

const { createHash } = require("node:crypto");

const TEXT = "Hello, World!";

const MS = { name: "ms", minimum: 0, maximum: 60000, fallback: 10 };
const N = { name: "n", minimum: 1, maximum: 5000000, fallback: 10000 };
const KIB = { name: "kib", minimum: 1, maximum: 16384, fallback: 64 };
const ROUNDS = { name: "rounds", minimum: 1, maximum: 1000, fallback: 1 };
const SIZE = { name: "n", minimum: 1, maximum: 2048, fallback: 256 };

const block = Buffer.alloc(64 * 1024, Uint8Array.from({ length: 256 }, (_, i) => i));

// The parameter's value in a parsed query; throws an error with a statusCode, and a text for the client.
function number(query, { name, minimum, maximum, fallback }) {
    const text = query[name];
    if (text === undefined)
        return fallback;
    const value = typeof text === "string" && /^\d{1,18}$/.test(text) ? Number(text) : NaN;
    if (value >= minimum && value <= maximum)
        return value;
    const error = new Error(`${name}: it is a whole number from ${minimum} to ${maximum}`);
    error.statusCode = 400;
    throw error;
}

function message() {
    return { message: TEXT };
}

async function sleep(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { slept_ms: ms };
}

function primes(n) {
    let count = 0;
    for (let candidate = 2; candidate <= n; candidate++) {
        let divisor = 2;
        while (divisor * divisor <= candidate && candidate % divisor !== 0)
            divisor++;
        if (divisor * divisor > candidate)
            count++;
    }
    return { n, primes: count };
}

function hash(kib, rounds) {
    const digest = createHash("sha256");
    for (let round = 0; round < rounds; round++)
        for (let left = kib * 1024; left > 0; left -= block.length)
            digest.update(left < block.length ? block.subarray(0, left) : block);
    return { sha256: digest.digest("hex") };
}

module.exports = { TEXT, MS, N, KIB, ROUNDS, SIZE, number, message, sleep, primes, hash };
