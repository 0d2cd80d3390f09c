#include "pages/index.h"

#include <string.h>

#include "stats/made_up.h"
#include "suite.h"
#include "version.h"

/* Renders the page. The caller frees the reply and the result. */
static json_t *render(struct reply *reply)
{
    reply_init(reply);
    index_render(&made_up.routes, &(struct page_call){0}, reply);
    ck_assert_uint_eq(reply->status, 200);
    ck_assert_str_eq(reply->type, "application/json");
    ck_assert_int_eq(reply->refusal, REFUSED_NOT);
    json_error_t error;
    json_t *page = json_loadb(reply->body, reply->body_bytes, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(page != NULL, "%s", error.text);
    return page;
}

static void expect_json(json_t *document, const char *path, const char *expected)
{
    json_t *parsed = json_loads(expected, JSON_DECODE_ANY, NULL);
    char *got = json_dumps(value_at(document, path), JSON_ENCODE_ANY);
    ck_assert_ptr_nonnull(parsed);
    ck_assert_msg(json_equal(value_at(document, path), parsed), "%s is %s, not %s", path, got, expected);
    free(got);
    json_decref(parsed);
}

START_TEST(it_lists_the_models_the_workloads_and_the_pages)
{
    struct reply reply;
    made_up_open();
    made_up.routes.pages_prefix = "";
    made_up.routes.pages[0] = (struct page){.path = "/", .summary = "this"};
    made_up.routes.pages[1] = (struct page){.path = "/more", .summary = "that"};
    made_up.routes.pages[2] = (struct page){.path = NULL};
    made_up.routes.pages[3] = (struct page){.path = "/not-yet", .summary = "after the end"};
    json_t *page = render(&reply);
    expect_keys(page, "tandem paths models workloads pages");
    ck_assert_str_eq(json_string_value(value_at(page, "tandem")), TANDEM_VERSION);
    expect_json(page, "models", "{\"first\":\"the one\",\"second\":\"the other\"}");
    expect_json(page, "pages", "{\"/\":\"this\",\"/more\":\"that\"}");
    expect_json(page, "workloads.plain", "{\"method\":\"GET\",\"parameters\":{}}");
    expect_json(page, "workloads.number",
                "{\"method\":\"GET\",\"parameters\":{\"n\":{\"min\":2,\"max\":9,\"default\":5}}}");
    expect_json(page, "workloads.choice",
                "{\"method\":\"POST\",\"parameters\":{\"size\":{\"one_of\":[\"s\",\"l\"],\"default\":\"l\"}}}");
    expect_keys(value_at(page, "workloads"), "plain number choice");
    json_decref(page);
    reply_free(&reply);
    made_up_close();
}
END_TEST

START_TEST(a_single_models_workloads_have_two_paths)
{
    struct reply reply;
    made_up_open();
    json_t *both = render(&reply);
    ck_assert_str_eq(json_string_value(value_at(both, "paths")), "/MODEL/WORKLOAD");
    reply_free(&reply);
    made_up.models.count = 1;
    json_t *one = render(&reply);
    ck_assert_str_eq(json_string_value(value_at(one, "paths")), "/WORKLOAD or /MODEL/WORKLOAD");
    expect_keys(value_at(one, "models"), "first");
    reply_free(&reply);
    json_decref(one);
    json_decref(both);
    made_up_close();
}
END_TEST

/* Returns NULL if the body is not JSON. If memory runs out in json_dumps, jansson 2.14 drops keys, and its caller
 * cannot see that. */
static json_t *make(void)
{
    struct reply reply;
    reply_init(&reply);
    index_render(&made_up.routes, &(struct page_call){0}, &reply);
    /* Parses with working allocations: with failing ones, as before, the result would always be NULL. */
    json_malloc_t failing;
    json_free_t usual;
    json_get_alloc_funcs(&failing, &usual);
    json_set_alloc_funcs(malloc, free);
    json_t *page = NULL;
    if (reply.status == 200)
        page = json_loadb(reply.body, reply.body_bytes, 0, NULL);
    else
        ck_assert_uint_eq(reply.status, 500);
    ck_assert_int_eq(reply.refusal, REFUSED_NOT);
    reply_free(&reply);
    json_set_alloc_funcs(failing, usual);
    return page;
}

START_TEST(it_is_a_500_where_memory_runs_out)
{
    made_up_open();
    made_up.routes.pages_prefix = "";
    made_up.routes.pages[0] = (struct page){.path = "/", .summary = "this"};
    expect_null_or_all_where_memory_runs_out(make);
    made_up_close();
}
END_TEST

SUITE("index", it_lists_the_models_the_workloads_and_the_pages, a_single_models_workloads_have_two_paths,
      it_is_a_500_where_memory_runs_out)
