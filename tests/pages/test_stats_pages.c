#include "pages/stats_pages.h"

#include <string.h>

#include "base/clock.h"
#include "stats/document.h"
#include "stats/made_up.h"
#include "stats/metrics.h"
#include "suite.h"

static struct reply reply;

static void render(const char *since, const char *format)
{
    struct page_call call = {.name = "", .params = {since, format}};
    reply_init(&reply);
    stats_render(&made_up.source, &call, &reply);
}

static void set_mark(const char *name)
{
    reply_init(&reply);
    mark_render(&made_up.source, &(struct page_call){.name = name}, &reply);
}

/* Returns NULL if the body is not JSON. If memory runs out in json_dumps, jansson 2.14 drops keys, and its caller
 * cannot see that. */
static json_t *take_document(unsigned status)
{
    json_t *document = NULL;
    /* Parses with working allocations: with failing ones, as before, the result would always be NULL. */
    json_malloc_t allocate;
    json_free_t release;
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(malloc, free);
    if (reply.status == status) {
        ck_assert_str_eq(reply.type, "application/json");
        document = json_loadb(reply.body, reply.body_bytes, JSON_REJECT_DUPLICATES, NULL);
    } else {
        ck_assert_uint_eq(reply.status, 500);
    }
    ck_assert_int_eq(reply.refusal, REFUSED_NOT);
    reply_free(&reply);
    json_set_alloc_funcs(allocate, release);
    return document;
}

static void expect_error(unsigned status, const char *sentence)
{
    ck_assert_uint_eq(reply.status, status);
    json_t *error = take_document(status);
    ck_assert_str_eq(json_string_value(value_at(error, "error")), sentence);
    json_decref(error);
}

START_TEST(stats_is_the_document)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    counter_add(&made_up_series(0, 1, NUMBER)->requests_total, 1ULL << 53);
    histogram_record(&made_up_series(0, 1, NUMBER)->phases[PHASE_TOTAL], 123456789);
    render(NULL, NULL);
    json_t *page = take_document(200), *document = stats_document(&made_up.source);
    ck_assert_ptr_nonnull(page);
    static const char *const same[] = {"http",       "gil",         "models.second.phases",
                                       "tandem.pid", "tandem.mode", "tandem.startup_seconds"};
    for (unsigned i = 0; i < sizeof same / sizeof same[0]; i++)
        ck_assert_msg(json_equal(value_at(page, same[i]), value_at(document, same[i])), "%s", same[i]);
    expect_integer(page, "models.second.requests_total", 1LL << 53);
    expect_real(page, "models.second.phases.total.max", 0.123456789, 0.123456789);
    json_decref(document);
    json_decref(page);
    made_up_close();
}
END_TEST

START_TEST(its_format_may_be_named)
{
    made_up_open();
    render(NULL, "json");
    json_t *page = take_document(200);
    ck_assert_ptr_nonnull(page);
    json_decref(page);
    render(NULL, "prometheus");
    ck_assert_uint_eq(reply.status, 200);
    ck_assert_str_eq(reply.type, "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_mem_eq(reply.body, "# HELP tandem_", 14);
    reply_free(&reply);
    render(NULL, "xml");
    expect_error(400, "format must be one of json, prometheus");
    render("a", "prometheus");
    expect_error(400, "since goes with format=json only: Prometheus's counters are those since the server began");
    made_up_close();
}
END_TEST

START_TEST(metrics_are_what_stats_has_for_prometheus)
{
    made_up_open();
    reply_init(&reply);
    metrics_render(&made_up.source, &(struct page_call){0}, &reply);
    ck_assert_uint_eq(reply.status, 200);
    ck_assert_str_eq(reply.type, TYPE_METRICS);
    ck_assert_mem_eq(reply.body, "# HELP tandem_", 14);
    reply_free(&reply);
    made_up_close();
}
END_TEST

START_TEST(a_mark_is_made_and_then_replaced)
{
    made_up_open();
    set_mark("one");
    json_t *made = take_document(201);
    ck_assert_str_eq(json_string_value(value_at(made, "name")), "one");
    expect_real(made, "time", clock_unix_seconds() - 60, clock_unix_seconds() + 1);
    json_decref(made);
    set_mark("one");
    made = take_document(200);
    expect_keys(made, "name time");
    json_decref(made);
    made_up_close();
}
END_TEST

START_TEST(a_mark_has_a_proper_name)
{
    static const char *const wrong[] = {"", "a b", "ü", "a/b", "x@"};
    made_up_open();
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char sentence[100];
        set_mark(wrong[i]);
        snprintf(sentence, sizeof sentence, "'%s' is no name for a mark: it is 1 to 64 of A-Z a-z 0-9 . _ -", wrong[i]);
        expect_error(400, sentence);
    }
    ck_assert_uint_eq(made_up.marks.count, 0);
    made_up_close();
}
END_TEST

START_TEST(since_a_mark)
{
    made_up_open();
    struct series *series = made_up_series(0, 0, PLAIN);
    counter_add(&series->requests_total, 10);
    set_mark("one");
    reply_free(&reply);
    counter_add(&series->requests_total, 3);
    render("one", "json");
    json_t *page = take_document(200);
    expect_integer(page, "models.first.requests_total", 3);
    ck_assert_str_eq(json_string_value(value_at(page, "tandem.since")), "one");
    json_decref(page);
    made_up_close();
}
END_TEST

START_TEST(since_a_mark_that_is_not_there)
{
    made_up_open();
    render("one", NULL);
    expect_error(404, "no mark one; none is set; POST /stats/marks/NAME sets one");
    set_mark("two");
    reply_free(&reply);
    set_mark("three");
    reply_free(&reply);
    render("one", NULL);
    expect_error(404, "no mark one; there are, newest first: three, two");
    made_up_close();
}
END_TEST

static json_t *make_stats(void)
{
    render(NULL, NULL);
    return take_document(200);
}

static json_t *make_mark(void)
{
    set_mark("one");
    return take_document(200);
}

START_TEST(where_memory_runs_out_it_is_a_500)
{
    made_up_open();
    made_up.source.read_gils = made_up_read_gils;
    made_up_series(0, 0, PLAIN);
    set_mark("one");
    reply_free(&reply);
    expect_null_or_all_where_memory_runs_out(make_stats);
    expect_null_or_all_where_memory_runs_out(make_mark);
    made_up_close();
}
END_TEST

SUITE("stats_pages", stats_is_the_document, its_format_may_be_named, metrics_are_what_stats_has_for_prometheus,
      a_mark_is_made_and_then_replaced, a_mark_has_a_proper_name, since_a_mark, since_a_mark_that_is_not_there,
      where_memory_runs_out_it_is_a_500)
