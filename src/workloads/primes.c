/* /primes: counts the primes up to n by trial division in a plain loop: CPU work, the same in every variant. */
#include <stdio.h>

#include "core/request.h"
#include "workloads/workloads.h"

static int64_t count_primes(int64_t n)
{
    int64_t primes = 0;
    for (int64_t candidate = 2; candidate <= n; candidate++) {
        int64_t divisor = 2;
        while (divisor * divisor <= candidate && candidate % divisor != 0)
            divisor++;
        if (divisor * divisor > candidate)
            primes++;
    }
    return primes;
}

static void run(struct request *request)
{
    char body[96];
    int64_t n = request->params[0];
    int length = snprintf(body, sizeof body, "{\"n\":%lld,\"primes\":%lld}", (long long)n, (long long)count_primes(n));
    reply_copy(&request->reply, 200, TYPE_JSON, body, (size_t)length);
}

WORKLOAD_START_BY_RUNNING(run)

const struct workload workload_primes = {
    .name = "primes",
    .params = {{.name = "n", .min = 1, .max = 5000000, .fallback = 10000}},
    .run = run,
    .start = run_on_loop,
};
