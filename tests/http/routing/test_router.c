#include "http/routing/router.h"

#include <string.h>

#include "core/reply_fields.h"
#include "http/routed.h"
#include "suite.h"

static const struct workload plain = {.name = "plain"};
static const struct workload post = {.name = "post", .takes_body = true};
static const struct workload pick = {
    .name = "pick",
    .params = {{.name = "n", .min = 2, .max = 900, .fallback = 7},
               {.name = "size", .choices = {"small", "large"}, .fallback = 1}},
};
static const struct workload *const list[] = {&plain, &post, &pick};
static const struct workloads workloads = {list, 3};

static const char *refuses_post(const struct model *model, const struct request *request)
{
    (void)model;
    return request->workload == &post ? "it is too heavy" : NULL;
}

static const struct model_ops first_ops = {.name = "first"};
static const struct model_ops second_ops = {.name = "second", .refuses = refuses_post};

static void render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    reply_borrow(reply, 200, TYPE_TEXT, context, strlen(context));
}

/* Renders "NAME since format", with "-" for each missing parameter. */
static void render_call(void *context, const struct page_call *call, struct reply *reply)
{
    char text[300];
    (void)context;
    int length = snprintf(text, sizeof text, "%s %s %s", call->name, call->params[0] ? call->params[0] : "-",
                          call->params[1] ? call->params[1] : "-");
    reply_copy(reply, 200, TYPE_TEXT, text, (size_t)length);
}

static struct models models;
static struct routes routes;

static void open_routes(unsigned model_count)
{
    models = (struct models){.list = {{.ops = &first_ops}, {.ops = &second_ops, .index = 1}}, .count = model_count};
    routes = (struct routes){.models = &models,
                             .workloads = &workloads,
                             .pages_prefix = "",
                             .pages = {{.path = "/", .render = render, .context = "index"},
                                       {.path = "/stats", .render = render, .context = "stats"},
                                       {.path = "/asked", .render = render_call, .params = {"since", "format"}},
                                       {.path = "/asked/for/NAME",
                                        .render = render_call,
                                        .takes_name = true,
                                        .takes_post = true,
                                        .params = {"since"}}}};
    routed_open(&routes);
}

static void expect_routed(const char *target, unsigned model, const struct workload *workload)
{
    routed_ask(workload->takes_body ? "POST" : "GET", target);
    ck_assert_msg(routed->reply.status == 0, "%s: %u %.*s", target, routed->reply.status, (int)routed->reply.body_bytes,
                  routed->reply.body);
    ck_assert_ptr_eq(routed->model, &models.list[model]);
    ck_assert_ptr_eq(routed->workload, workload);
    ck_assert_ptr_eq(list[routed->workload_index], workload);
}

START_TEST(a_workload_is_under_each_model)
{
    open_routes(2);
    expect_routed("/first/plain", 0, &plain);
    expect_routed("/second/plain", 1, &plain);
    expect_routed("/first/post", 0, &post);
    expect_routed("/f%69rst/pl%61in?x", 0, &plain);
    routed_close();
}
END_TEST

START_TEST(a_workload_is_at_its_name_too_where_one_model_runs)
{
    open_routes(1);
    expect_routed("/plain", 0, &plain);
    expect_routed("/first/plain", 0, &plain);
    routed_expect_error("GET", "/second/plain", 404, "no model second runs here; / lists them");
    routed_expect_error("GET", "/nothing", 404, "no workload nothing; / lists them");
    routed_close();
    open_routes(2);
    routed_expect_error("GET", "/plain", 404, "no path /plain; / lists them");
    routed_close();
}
END_TEST

START_TEST(a_page_goes_before_a_workload)
{
    open_routes(1);
    routed_ask("GET", "/stats?x=1");
    ck_assert_uint_eq(routed->reply.status, 200);
    ck_assert_ptr_null(routed->workload);
    ck_assert_mem_eq(routed->reply.body, "stats", 5);
    routed_ask("HEAD", "/");
    ck_assert_mem_eq(routed->reply.body, "index", 5);
    routed_expect_error("POST", "/stats", 405, "POST is not served here; allowed: GET, HEAD");
    routed_close();
}
END_TEST

START_TEST(a_page_gets_its_parameters_decoded)
{
    open_routes(2);
    routed_expect_text("GET", "/asked", " - -");
    routed_expect_text("GET", "/asked?other=1&format=json", " - json");
    routed_expect_text("HEAD", "/%61sked?since=a+b%21&format=", " a b! ");
    routed_expect_error("GET", "/asked?since=a&since=b", 400, "since is given twice");
    routed_expect_error("GET", "/asked?format=%0", 400,
                        "format cannot be read: it is percent-encoded, of at most 79 bytes");
    routed_close();
}
END_TEST

START_TEST(a_page_may_take_the_last_segment_as_a_name)
{
    open_routes(2);
    routed_expect_text("POST", "/asked/for/this?since=x", "this x -");
    routed_expect_text("POST", "/asked/for/", " - -");
    routed_expect_text("POST", "/asked/for/NAME", "NAME - -");
    routed_expect_text("POST", "/asked/for/a/%62?format=json", "a/b - -");
    routed_expect_error("GET", "/asked/for/this", 405, "GET is not served here; allowed: POST");
    ck_assert_str_eq(reply_fields_value(&routed->reply.fields, "Allow"), "POST");
    routed_expect_error("POST", "/asked/for", 404, "no model asked runs here; / lists them");
    routed_close();
}
END_TEST

START_TEST(what_is_not_there_is_a_404)
{
    char target[400];
    open_routes(2);
    routed_expect_error("GET", "/first/", 404, "no workload ; / lists them");
    routed_expect_error("GET", "/first/plain/", 404, "no workload plain/; / lists them");
    routed_expect_error("GET", "//plain", 404, "no model  runs here; / lists them");
    routed_expect_error("OPTIONS", "*", 404, "no path *; / lists them");
    routed_expect_error("GET", "/first/Plain", 404, "no workload Plain; / lists them");
    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    target[sizeof target - 1] = '\0';
    routed_expect_error("GET", target, 404, "no such path; / lists them");
    routed_close();
}
END_TEST

START_TEST(a_wrong_method_is_a_405_that_says_which_is_right)
{
    static const char *const wrong[] = {"POST", "PUT", "get", "OPTIONS", "GETS"};
    open_routes(2);
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        routed_ask(wrong[i], "/first/plain");
        ck_assert_uint_eq(routed->reply.status, 405);
        ck_assert_str_eq(reply_fields_value(&routed->reply.fields, "Allow"), "GET, HEAD");
    }
    routed_ask("HEAD", "/first/plain");
    ck_assert_uint_eq(routed->reply.status, 0);
    routed_expect_error("GET", "/first/post", 405, "GET is not served here; allowed: POST");
    ck_assert_str_eq(reply_fields_value(&routed->reply.fields, "Allow"), "POST");
    routed_close();
}
END_TEST

static void expect_params(const char *query, int64_t n, int64_t size)
{
    char target[300] = "/first/pick";
    expect_routed(strcat(target, query), 0, &pick);
    ck_assert_int_eq(routed->params[0], n);
    ck_assert_int_eq(routed->params[1], size);
}

START_TEST(parameters_are_numbers_in_their_range_or_indexes_of_choices)
{
    open_routes(2);
    expect_params("", 7, 1);
    expect_params("?", 7, 1);
    expect_params("?n=2&size=small", 2, 0);
    expect_params("?size=large&n=900&other=x", 900, 1);
    expect_params("?n=000000000000000899", 899, 1);
    routed_close();
}
END_TEST

START_TEST(a_bad_parameter_is_a_400_that_says_the_range)
{
    static const struct {
        const char *query, *problem;
    } cases[] = {
        {"n=1", "must be"},
        {"n=901", "must be"},
        {"n=", "must be"},
        {"n", "must be"},
        {"n=x", "must be"},
        {"n=-3", "must be"},
        {"n=3.0", "must be"},
        {"n=0x9", "must be"},
        {"n=%209", "must be"},
        {"n=\t9", "must be"},
        {"n=0000000000000000009", "must be"}, /* 19 digits */
        {"n=9&n=9", "is given twice; it must be"},
        {"n=%zz", "cannot be read; it must be"},
    };
    open_routes(2);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char target[100] = "/first/pick?", sentence[100];
        snprintf(sentence, sizeof sentence, "n %s a whole number from 2 to 900", cases[i].problem);
        routed_expect_error("GET", strcat(target, cases[i].query), 400, sentence);
    }
    routed_expect_error("GET", "/first/pick?size=medium", 400, "size must be one of small, large");
    routed_expect_error("GET", "/first/pick?size=1", 400, "size must be one of small, large");
    routed_close();
}
END_TEST

START_TEST(what_a_model_cannot_run_is_a_501_with_its_reason)
{
    open_routes(2);
    routed_expect_error("POST", "/second/post", 501, "second cannot run post: it is too heavy");
    ck_assert_int_eq(routed->reply.refusal, REFUSED_UNSUPPORTED);
    expect_routed("/second/pick", 1, &pick);
    routed_close();
}
END_TEST

SUITE("router", a_workload_is_under_each_model, a_workload_is_at_its_name_too_where_one_model_runs,
      a_page_goes_before_a_workload, a_page_gets_its_parameters_decoded, a_page_may_take_the_last_segment_as_a_name,
      what_is_not_there_is_a_404, a_wrong_method_is_a_405_that_says_which_is_right,
      parameters_are_numbers_in_their_range_or_indexes_of_choices, a_bad_parameter_is_a_400_that_says_the_range,
      what_a_model_cannot_run_is_a_501_with_its_reason)
