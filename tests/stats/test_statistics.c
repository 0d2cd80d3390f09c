/* The members of /stats and the samples of /metrics that the rows of the table make. */
#include "stats/statistics.h"

#include <string.h>

#include "stats/made_up.h"
#include "stats/snapshot.h"
#include "suite.h"

static json_t *json_of(enum statistics_scope scope, const void *of)
{
    json_t *object = json_object();
    statistics_add_json(&object, scope, of);
    ck_assert_ptr_nonnull(object);
    return object;
}

static void expect_text(const struct exposition *out, const char *text)
{
    ck_assert(!out->failed);
    ck_assert_msg(out->text.length == strlen(text) && memcmp(out->text.bytes, text, out->text.length) == 0, "%.*s",
                  (int)out->text.length, out->text.bytes);
}

START_TEST(a_scope_has_its_own_members_in_the_order_of_the_table)
{
    struct model_figures figures = {1, 2, 3, 4, 5, 6};
    json_t *object = json_of(OF_MODEL, &figures);
    char *text = json_dumps(object, JSON_COMPACT);
    ck_assert_str_eq(text, "{\"threads\":1,\"in_flight\":2,\"queue_length\":3,\"queue_limit\":4,"
                           "\"requests_total\":5,\"errors_total\":6}");
    free(text);
    json_decref(object);
}
END_TEST

START_TEST(time_is_in_seconds_and_names_are_members)
{
    struct process_sum process = {.user_ns = 1500000000};
    struct http_sum http = {.responses = {1, 1, 7, 8, 9, 10}};
    json_t *object = json_of(OF_PROCESS, &process);
    expect_real(object, "cpu_user_seconds", 1.5, 1.5);
    json_decref(object);
    object = json_of(OF_HTTP, &http);
    expect_keys(value_at(object, "responses"), "2xx 3xx 4xx 5xx");
    ck_assert_int_eq(json_integer_value(value_at(value_at(object, "responses"), "5xx")), 10);
    json_decref(object);
}
END_TEST

START_TEST(an_unknown_value_is_null)
{
    struct gil_stats gil = {.waits_known = true, .waits = 3, .switches = 4, .samples = 5, .held = 5};
    json_t *object = json_of(OF_GIL, &gil);
    ck_assert_int_eq(json_integer_value(value_at(object, "waits_total")), 3);
    ck_assert(json_is_null(value_at(object, "switches_total")));
    ck_assert(json_is_null(value_at(object, "held_ratio")));
    json_decref(object);
    gil.holder_known = true;
    object = json_of(OF_GIL, &gil);
    ck_assert_int_eq(json_integer_value(value_at(object, "switches_total")), 4);
    expect_real(object, "held_ratio", 1, 1);
    json_decref(object);
    gil.samples = 0; /* nobody has looked yet */
    object = json_of(OF_GIL, &gil);
    ck_assert(json_is_null(value_at(object, "held_ratio")));
    json_decref(object);
}
END_TEST

static const void *gil_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    const struct gil_stats *gils = owner;
    (void)snprintf(labels, room, "interpreter=\"%u\"", gils[index].interpreter);
    return &gils[index];
}

START_TEST(a_family_has_a_sample_for_each_subject_whose_value_is_known)
{
    struct gil_stats gils[] = {{.interpreter = 0, .waits_known = true, .wait_ns = 1, .waits = 2},
                               {.interpreter = 1},
                               {.interpreter = 7, .waits_known = true, .wait_ns = 3, .waits = 4}};
    struct exposition out = {0};
    statistics_write(&out, OF_GIL, 3, gil_subject, gils);
    expect_text(&out, "# HELP tandem_gil_wait_seconds_total Time that threads waited for the GIL.\n"
                      "# TYPE tandem_gil_wait_seconds_total counter\n"
                      "tandem_gil_wait_seconds_total{interpreter=\"0\"} 0.000000001\n"
                      "tandem_gil_wait_seconds_total{interpreter=\"7\"} 0.000000003\n"
                      "# HELP tandem_gil_waits_total Waits for the GIL.\n"
                      "# TYPE tandem_gil_waits_total counter\n"
                      "tandem_gil_waits_total{interpreter=\"0\"} 2\n"
                      "tandem_gil_waits_total{interpreter=\"7\"} 4\n"
                      "# HELP tandem_gil_switches_total Times the GIL went from one thread to another.\n"
                      "# TYPE tandem_gil_switches_total counter\n"
                      "# HELP tandem_gil_looks_total Samples of whether the GIL is held.\n"
                      "# TYPE tandem_gil_looks_total counter\n"
                      "# HELP tandem_gil_looks_held_total Samples that found the GIL held.\n"
                      "# TYPE tandem_gil_looks_held_total counter\n");
    buf_free(&out.text);
}
END_TEST

static const void *only_subject(const void *owner, unsigned index, char *labels, size_t room)
{
    (void)index, (void)room;
    *labels = '\0';
    return owner;
}

START_TEST(rows_of_one_family_share_its_head)
{
    struct process_sum process = {.resident_bytes = 1, .user_ns = 2, .system_ns = 3, .threads = 4};
    struct exposition out = {0};
    statistics_write(&out, OF_PROCESS, 1, only_subject, &process);
    char *text = strndup(out.text.bytes, out.text.length);
    ck_assert_ptr_nonnull(strstr(text, "# TYPE tandem_process_cpu_seconds_total counter\n"
                                       "tandem_process_cpu_seconds_total{mode=\"user\"} 0.000000002\n"
                                       "tandem_process_cpu_seconds_total{mode=\"system\"} 0.000000003\n"
                                       "# HELP tandem_process_threads Threads.\n"
                                       "# TYPE tandem_process_threads gauge\n"
                                       "tandem_process_threads 4\n"));
    free(text);
    buf_free(&out.text);
}
END_TEST

START_TEST(without_memory_there_is_no_object)
{
    struct http_sum http = {0};
    json_t *object = NULL;
    statistics_add_json(&object, OF_HTTP, &http);
    ck_assert_ptr_null(object);
}
END_TEST

SUITE("statistics", a_scope_has_its_own_members_in_the_order_of_the_table, time_is_in_seconds_and_names_are_members,
      an_unknown_value_is_null, a_family_has_a_sample_for_each_subject_whose_value_is_known,
      rows_of_one_family_share_its_head, without_memory_there_is_no_object)
