#include "forms.h"
#include "suite.h"
#include "workloads/workloads.h"

START_TEST(it_says_hello_as_techempower_has_it)
{
    forms_open(&workload_plaintext);
    for (enum form form = 0; form < FORM_COUNT; form++)
        forms_expect_answer(form, 0, 0, "text/plain", "Hello, World!");
    forms_close();
}
END_TEST

SUITE("plaintext", it_says_hello_as_techempower_has_it)
