#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

START_TEST(it_says_hello_as_techempower_has_it)
{
    variants_open(&workload_plaintext);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        variants_expect_answer(variant, 0, 0, "text/plain", "Hello, World!");
    variants_close();
}
END_TEST

SUITE("plaintext", it_says_hello_as_techempower_has_it)
