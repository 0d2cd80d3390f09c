#include "http/routing/last_route.h"

#include <string.h>

#include "core/loop.h"
#include "suite.h"

static const struct workload pick = {.name = "pick", .params = {{.name = "n", .min = 2, .max = 900, .fallback = 7}}};
static const struct workload app = {.name = "app", .is_mount = true, .takes_websockets = true};
static const struct workload *const list[] = {&pick, &app};
static const struct workloads workloads = {list, 2};

static unsigned rendered;
static bool refusing;

static const char *refuses(const struct model *model, const struct request *request)
{
    (void)model;
    return refusing && request->workload == &pick ? "it is too heavy" : NULL;
}

static void render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)context;
    (void)call;
    rendered++;
    reply_borrow(reply, 200, TYPE_TEXT, "page", 4);
}

static const struct model_ops ops = {.name = "model", .refuses = refuses};
static struct models models = {.list = {{.ops = &ops}}, .count = 1};
static const struct routes routes = {
    .models = &models, .workloads = &workloads, .pages_prefix = "", .pages = {{.path = "/page", .render = render}}};

static struct last_route last;
static struct loop *loop;
static struct request *request;

static void open_loop(void)
{
    last = (struct last_route){0};
    rendered = 0;
    refusing = false;
    ck_assert_int_eq(loop_new(0, &loop), ERR_OK);
}

static void close_loop(void)
{
    request_free(request);
    request = NULL;
    loop_free(loop);
}

static void ask(const char *method, const char *target)
{
    if (request)
        request_free(request);
    request = request_new(loop, 0);
    request->method = method;
    request->target = target;
    last_route_route(&last, &routes, request);
}

static void expect_pick(const char *target, int64_t n)
{
    ask("GET", target);
    ck_assert_uint_eq(request->reply.status, 0);
    ck_assert_ptr_eq(request->model, &models.list[0]);
    ck_assert_ptr_eq(request->workload, &pick);
    ck_assert_uint_eq(request->workload_index, 0);
    ck_assert_int_eq(request->params[0], n);
}

START_TEST(the_same_target_takes_the_same_route)
{
    open_loop();
    for (unsigned i = 0; i < 3; i++)
        expect_pick("/pick?n=5", 5);
    expect_pick("/pick?n=6", 6);
    expect_pick("/pick?n=61", 61);
    expect_pick("/pick", 7);
    for (unsigned i = 0; i < 3; i++) {
        ask("GET", "/model/app/path");
        ck_assert_ptr_eq(request->workload, &app);
        ck_assert_uint_eq(request->workload_index, 1);
        ck_assert_uint_eq(request->mount_bytes, strlen("/model/app"));
    }
    close_loop();
}
END_TEST

START_TEST(another_method_is_another_route)
{
    open_loop();
    expect_pick("/pick", 7);
    for (unsigned i = 0; i < 2; i++) {
        ask("POST", "/pick");
        ck_assert_uint_eq(request->reply.status, 405);
        expect_pick("/pick", 7);
    }
    close_loop();
}
END_TEST

START_TEST(replies_are_not_remembered)
{
    open_loop();
    for (unsigned i = 1; i <= 3; i++) {
        ask("GET", "/page");
        ck_assert_uint_eq(request->reply.status, 200);
        ck_assert_uint_eq(rendered, i);
        ask("GET", "/pick?n=1000");
        ck_assert_uint_eq(request->reply.status, 400);
        ask("GET", "/nowhere");
        ck_assert_uint_eq(request->reply.status, 404);
    }
    close_loop();
}
END_TEST

START_TEST(a_model_may_refuse_a_route_that_it_has_taken_before)
{
    open_loop();
    expect_pick("/pick", 7);
    refusing = true;
    ask("GET", "/pick");
    ck_assert_uint_eq(request->reply.status, 501);
    refusing = false;
    expect_pick("/pick", 7);
    close_loop();
}
END_TEST

START_TEST(what_is_too_long_is_routed_anew)
{
    char target[LAST_ROUTE_TARGET_BYTES + 2];
    open_loop();
    for (size_t length = LAST_ROUTE_TARGET_BYTES - 2; length <= LAST_ROUTE_TARGET_BYTES + 1; length++) {
        memset(target, 'x', sizeof target);
        memcpy(target, "/pick?n=8&", 10);
        target[length] = '\0';
        for (unsigned i = 0; i < 2; i++)
            expect_pick(target, 8);
        expect_pick("/pick", 7);
    }
    ask("PROPFIND", "/app/x");
    ck_assert_ptr_eq(request->workload, &app);
    expect_pick("/pick", 7);
    close_loop();
}
END_TEST

SUITE("last_route", the_same_target_takes_the_same_route, another_method_is_another_route, replies_are_not_remembered,
      a_model_may_refuse_a_route_that_it_has_taken_before, what_is_too_long_is_routed_anew)
