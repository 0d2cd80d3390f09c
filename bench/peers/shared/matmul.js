// The product of two n × n matrices of small whole numbers, so that its trace is exact in float64.
//
// This is what one has in Node without a native add-on: a plain loop over Float64Array, in the order that the cache
// likes.
"use strict";

function matrix(n, element) {
    const made = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++)
            made[i * n + j] = element(i, j);
    return made;
}

function product(a, b, n) {
    const c = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
        for (let k = 0; k < n; k++) {
            const factor = a[i * n + k];
            for (let j = 0; j < n; j++)
                c[i * n + j] += factor * b[k * n + j];
        }
    return c;
}

module.exports = function matmul(n) {
    const a = matrix(n, (i, j) => (i * j) % 7);
    const b = matrix(n, (i, j) => (i + j) % 5);
    const c = product(a, b, n);
    let trace = 0;
    for (let i = 0; i < n; i++)
        trace += c[i * n + i];
    return { n, trace };
};
