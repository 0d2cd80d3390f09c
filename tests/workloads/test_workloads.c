/* The table of workloads, compared with its documentation (contract.md, the list of paths). */
#include "workloads/workloads.h"

#include <unistd.h>

#include "core/loop_stats.h"
#include "suite.h"

static const struct {
    const char *name;
    bool takes_body;
    struct param params[PARAMS_MAX];
} told[] = {
    {"plaintext", false, {{0}}},
    {"json", false, {{0}}},
    {"echo", true, {{0}}},
    {"sleep", false, {{"ms", 0, 60000, 10, {NULL}}}},
    {"primes", false, {{"n", 1, 5000000, 10000, {NULL}}}},
    {"hash", false, {{"kib", 1, 16384, 64, {NULL}}, {"rounds", 1, 1000, 1, {NULL}}}},
    {"file", false, {{"size", 0, 0, 0, {"4k", "64k", "1m"}}}},
};
enum { TOLD = sizeof told / sizeof told[0] };

static void expect_param(const struct param *param, const struct param *expected)
{
    ck_assert_pstr_eq(param->name, expected->name);
    ck_assert_int_eq(param->min, expected->min);
    ck_assert_int_eq(param->max, expected->max);
    ck_assert_int_eq(param->fallback, expected->fallback);
    for (unsigned i = 0; i <= CHOICES_MAX; i++)
        ck_assert_pstr_eq(param->choices[i], expected->choices[i]);
}

START_TEST(the_workloads_are_those_that_users_are_told_of)
{
    ck_assert_uint_eq(workloads.count, TOLD);
    for (unsigned w = 0; w < TOLD; w++) {
        const struct workload *workload = workloads.list[w];
        ck_assert_str_eq(workload->name, told[w].name);
        ck_assert_int_eq(workload->takes_body, told[w].takes_body);
        for (unsigned p = 0; p < PARAMS_MAX; p++)
            expect_param(&workload->params[p], &told[w].params[p]);
        ck_assert_ptr_null(workload->params[PARAMS_MAX].name);
    }
}
END_TEST

START_TEST(every_one_has_a_place_in_the_statistics_and_both_variants)
{
    ck_assert_uint_le(workloads.count, WORKLOADS_MAX);
    for (unsigned w = 0; w < workloads.count; w++) {
        ck_assert_ptr_nonnull(workloads.list[w]->run);
        ck_assert_ptr_nonnull(workloads.list[w]->start);
    }
}
END_TEST

START_TEST(what_a_query_may_leave_out_is_in_the_range)
{
    for (unsigned w = 0; w < workloads.count; w++)
        for (const struct param *param = workloads.list[w]->params; param->name; param++) {
            if (param->choices[0]) {
                ck_assert_int_ge(param->fallback, 0);
                ck_assert_ptr_nonnull(param->choices[param->fallback]);
                continue;
            }
            ck_assert_int_ge(param->fallback, param->min);
            ck_assert_int_le(param->fallback, param->max);
        }
}
END_TEST

START_TEST(all_of_them_can_be_set_up_together_and_torn_down)
{
    ck_assert_int_eq(workloads_setup(&workloads), ERR_OK);
    const char *files = getenv("TANDEM_FILES");
    ck_assert_ptr_nonnull(files);
    ck_assert_int_eq(access(files, R_OK), 0);
    workloads_teardown(&workloads);
    ck_assert_int_eq(access(files, R_OK), -1);
}
END_TEST

SUITE("workloads", the_workloads_are_those_that_users_are_told_of,
      every_one_has_a_place_in_the_statistics_and_both_variants, what_a_query_may_leave_out_is_in_the_range,
      all_of_them_can_be_set_up_together_and_torn_down)
