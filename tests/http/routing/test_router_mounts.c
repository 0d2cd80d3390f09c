#include "http/routing/router.h"

#include <string.h>

#include "http/routed.h"
#include "suite.h"

static const struct workload plain = {.name = "plain"};
static const struct workload mount = {.name = "mine", .is_mount = true};
static const struct workload *const list[] = {&plain, &mount};
static const struct workloads workloads = {list, 2};
static const struct model_ops first_ops = {.name = "first"};
static const struct model_ops second_ops = {.name = "second"};

static struct models models;
static struct routes routes;

static void render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    reply_borrow(reply, 200, TYPE_TEXT, context, strlen(context));
}

static void open_routes(unsigned model_count)
{
    models = (struct models){.list = {{.ops = &first_ops}, {.ops = &second_ops, .index = 1}}, .count = model_count};
    routes = (struct routes){.models = &models,
                             .workloads = &workloads,
                             .pages_prefix = "",
                             .pages = {{.path = "/stats", .render = render, .context = "stats"}}};
    routed_open(&routes);
}

static void expect_mounted(const char *target, unsigned model, size_t mount_bytes)
{
    routed_ask("PATCH", target);
    ck_assert_uint_eq(routed->reply.status, 0);
    ck_assert_ptr_eq(routed->workload, &mount);
    ck_assert_uint_eq(routed->workload_index, 1);
    ck_assert_ptr_eq(routed->model, &models.list[model]);
    ck_assert_uint_eq(routed->mount_bytes, mount_bytes);
}

START_TEST(a_mount_has_every_path_below_it)
{
    open_routes(2);
    expect_mounted("/first/mine", 0, 11);
    expect_mounted("/second/mine/a/%00%2?x", 1, 12);
    expect_mounted("/first/mine?x", 0, 11);
    routed_expect_error("GET", "/mine/a", 404, "no model mine runs here; / lists them");
    routed_expect_error("GET", "/first/miner", 404, "no workload miner; / lists them");
    routed_expect_error("GET", "/firsts/mine", 404, "no model firsts runs here; / lists them");
    routed_close();
    open_routes(1);
    expect_mounted("/mine/a", 0, 5);
    expect_mounted("/first/mine/a", 0, 11);
    routed_expect_error("GET", "/a", 404, "no workload a; / lists them");
    routed_close();
}
END_TEST

START_TEST(a_mount_that_has_the_root_gets_what_is_nobody_else_s)
{
    open_routes(1);
    routes.root = &mount;
    expect_mounted("/a", 0, 0);
    expect_mounted("/plain", 0, 0);
    expect_mounted("/other/plain", 0, 0);
    expect_mounted("/%ff%41", 0, 0);
    char target[400];
    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    target[sizeof target - 1] = '\0';
    expect_mounted(target, 0, 0);
    routed_expect_text("GET", "/stats", "stats");
    routed_ask("GET", "/first/plain");
    ck_assert_uint_eq(routed->reply.status, 0);
    ck_assert_ptr_eq(routed->workload, &plain);
    routed_expect_error("GET", "/first/a", 404, "no workload a; / lists them");
    routed_expect_error("OPTIONS", "*", 404, "no path *; / lists them");
    routed_close();
}
END_TEST

START_TEST(pages_may_have_a_prefix)
{
    open_routes(1);
    routes.root = &mount;
    routes.pages_prefix = "/_tandem";
    routed_expect_text("GET", "/_tandem/stats", "stats");
    routed_expect_text("GET", "/%5ftandem/stats?x", "stats");
    expect_mounted("/stats", 0, 0);
    expect_mounted("/_tandem", 0, 0);
    expect_mounted("/_tandems/stats", 0, 0);
    expect_mounted("/_tandem/other", 0, 0);
    routed_expect_error("GET", "/first/a", 404, "no workload a; /_tandem/ lists them");
    routed_close();
}
END_TEST

START_TEST(there_may_be_no_pages)
{
    open_routes(1);
    routes.pages_prefix = NULL;
    routed_expect_error("GET", "/stats", 404, "no workload stats");
    routed_expect_error("GET", "/x/stats", 404, "no model x runs here");
    routed_expect_error("OPTIONS", "*", 404, "no path *");
    routed_close();
}
END_TEST

START_TEST(a_mount_that_is_not_there_is_asked_for)
{
    open_routes(2);
    routes.absent_mounts[0] = (struct absent_mount){"app", "give one"};
    routed_expect_error("GET", "/first/app", 404, "nothing is mounted here: give one");
    routed_expect_error("GET", "/first/app/x", 404, "nothing is mounted here: give one");
    routed_expect_error("GET", "/first/apps", 404, "no workload apps; / lists them");
    routed_close();
}
END_TEST

SUITE("router_mounts", a_mount_has_every_path_below_it, a_mount_that_has_the_root_gets_what_is_nobody_else_s,
      pages_may_have_a_prefix, there_may_be_no_pages, a_mount_that_is_not_there_is_asked_for)
