#include <stdio.h>

#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

static void expect_primes(enum variant variant, unsigned n, unsigned primes)
{
    char body[96];
    snprintf(body, sizeof body, "{\"n\":%u,\"primes\":%u}", n, primes);
    variants_expect_answer(variant, n, 0, "application/json", body);
}

/* OEIS A006880, and small values counted by hand. */
START_TEST(it_counts_the_primes)
{
    static const unsigned known[][2] = {{1, 0},         {2, 1},  {3, 2},    {4, 2},      {5, 3},
                                        {9, 4},         {10, 4}, {100, 25}, {1000, 168}, {10000, 1229},
                                        {100000, 9592}, {25, 9}, {49, 15}};
    variants_open(&workload_primes);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
            expect_primes(variant, known[i][0], known[i][1]);
    variants_close();
}
END_TEST

/* All candidates around squares, where an error in trial division would be off by one. */
START_TEST(it_agrees_with_a_sieve)
{
    enum { LIMIT = 3200 };
    static bool composite[LIMIT];
    static unsigned up_to[LIMIT];
    for (unsigned n = 2; n < LIMIT; n++) {
        up_to[n] = up_to[n - 1] + !composite[n];
        for (unsigned multiple = 2 * n; multiple < LIMIT; multiple += n)
            composite[multiple] = true;
    }
    variants_open(&workload_primes);
    for (unsigned root = 37; root < 57; root++)
        for (unsigned n = root * root - 1; n <= root * root + 1; n++)
            expect_primes(BLOCKING, n, up_to[n]);
    variants_close();
}
END_TEST

SUITE("primes", it_counts_the_primes, it_agrees_with_a_sieve)
