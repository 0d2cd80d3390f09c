#include "http/routed.h"

#include <jansson.h>
#include <string.h>

#include "core/loop.h"
#include "http/routing/router.h"
#include "suite.h"

struct request *routed;

static const struct routes *routes;
static struct loop *loop;

void routed_open(const struct routes *opened)
{
    routes = opened;
    ck_assert_int_eq(loop_new(0, &loop), ERR_OK);
}

void routed_close(void)
{
    request_free(routed);
    routed = NULL;
    loop_free(loop);
}

void routed_ask(const char *method, const char *target)
{
    if (routed)
        request_free(routed);
    routed = request_new(loop, 0);
    routed->method = method;
    routed->target = target;
    router_route(routes, routed);
}

void routed_expect_error(const char *method, const char *target, unsigned status, const char *sentence)
{
    routed_ask(method, target);
    ck_assert_uint_eq(routed->reply.status, status);
    ck_assert_str_eq(routed->reply.type, "application/json");
    json_t *object = json_loadb(routed->reply.body, routed->reply.body_bytes, 0, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(object, "error")), sentence);
    json_decref(object);
}

void routed_expect_text(const char *method, const char *target, const char *text)
{
    routed_ask(method, target);
    ck_assert_uint_eq(routed->reply.status, 200);
    ck_assert_uint_eq(routed->reply.body_bytes, strlen(text));
    ck_assert_mem_eq(routed->reply.body, text, strlen(text));
}
