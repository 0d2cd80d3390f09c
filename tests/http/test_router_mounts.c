#include "http/router.h"

#include <string.h>

#include "core/loop.h"
#include "suite.h"

static const struct workload plain = {.name = "plain"};
static const struct workload mount = {.name = "mine", .is_mount = true};
static const struct workload *const list[] = {&plain, &mount};
static const struct workloads workloads = {list, 2};
static const struct model_ops first_ops = {.name = "first"};
static const struct model_ops second_ops = {.name = "second"};

static struct models models;
static struct site site;
static struct loop *loop;
static struct request *request;

static void render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    reply_borrow(reply, 200, TYPE_TEXT, context, strlen(context));
}

static void open_site(unsigned model_count)
{
    models = (struct models){.list = {{.ops = &first_ops}, {.ops = &second_ops, .index = 1}}, .count = model_count};
    site = (struct site){.models = &models,
                         .workloads = &workloads,
                         .pages = {{.path = "/stats", .render = render, .context = "stats"}},
                         .page_count = 1};
    ck_assert_int_eq(loop_new(0, &loop), ERR_OK);
}

static void close_site(void)
{
    request_free(request);
    request = NULL;
    loop_free(loop);
}

static void route(const char *method, const char *target)
{
    if (request)
        request_free(request);
    request = request_new(loop, 0);
    request->method = method;
    request->target = target;
    router_route(&site, request);
}

static void expect_status(const char *method, const char *target, unsigned status)
{
    route(method, target);
    ck_assert_msg(request->reply.status == status, "%s %s: %u", method, target, request->reply.status);
}

static void expect_mounted(const char *target, unsigned model, size_t mount_bytes)
{
    route("PATCH", target);
    ck_assert_uint_eq(request->reply.status, 0);
    ck_assert_ptr_eq(request->workload, &mount);
    ck_assert_uint_eq(request->workload_index, 1);
    ck_assert_ptr_eq(request->model, &models.list[model]);
    ck_assert_uint_eq(request->mount_bytes, mount_bytes);
}

START_TEST(a_mount_has_every_path_below_it)
{
    open_site(2);
    expect_mounted("/first/mine", 0, 11);
    expect_mounted("/second/mine/a/%00%2?x", 1, 12);
    expect_mounted("/first/mine?x", 0, 11);
    expect_status("GET", "/mine/a", 404);
    expect_status("GET", "/first/miner", 404);
    expect_status("GET", "/firsts/mine", 404);
    close_site();
    open_site(1);
    expect_mounted("/mine/a", 0, 5);
    expect_mounted("/first/mine/a", 0, 11);
    expect_status("GET", "/a", 404);
    close_site();
}
END_TEST

START_TEST(a_mount_that_has_the_root_gets_what_is_nobody_else_s)
{
    open_site(1);
    site.root = &mount;
    expect_mounted("/a", 0, 0);
    expect_mounted("/plain", 0, 0);
    expect_mounted("/other/plain", 0, 0);
    expect_mounted("/%ff%41", 0, 0);
    char target[400];
    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    target[sizeof target - 1] = '\0';
    expect_mounted(target, 0, 0);
    expect_status("GET", "/stats", 200);
    expect_status("GET", "/first/plain", 0);
    expect_status("GET", "/first/a", 404);
    expect_status("OPTIONS", "*", 404);
    close_site();
}
END_TEST

SUITE("router_mounts", a_mount_has_every_path_below_it, a_mount_that_has_the_root_gets_what_is_nobody_else_s)
