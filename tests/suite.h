/* The base of every suite: check, and a main function that runs one suite. */
#ifndef TANDEM_TESTS_SUITE_H
#define TANDEM_TESTS_SUITE_H

#include "assertions.h"
#include <stdlib.h>

/* The file defines static Suite *suite(void) before this macro. A test that hangs fails after a minute, or after ten
 * minutes under a sanitizer. */
#define SUITE_MAIN(suite)                                                                                              \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        SRunner *runner = srunner_create(suite());                                                                     \
        srunner_run_all(runner, CK_ENV);                                                                               \
        int failed = srunner_ntests_failed(runner);                                                                    \
        srunner_free(runner);                                                                                          \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                                                   \
    }

/* Defines a suite with one case of these tests, and main: SUITE("queue", test_a, test_b) */
#define SUITE(name, ...)                                                                                               \
    static Suite *suite(void)                                                                                          \
    {                                                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                                                    \
        Suite *made = suite_create(name);                                                                              \
        TCase *tests_case = tcase_create(name);                                                                        \
        tcase_set_timeout(tests_case, 60);                                                                             \
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)                                                    \
            tcase_add_test(tests_case, tests[i]);                                                                      \
        suite_add_tcase(made, tests_case);                                                                             \
        return made;                                                                                                   \
    }                                                                                                                  \
    SUITE_MAIN(suite)

#endif
