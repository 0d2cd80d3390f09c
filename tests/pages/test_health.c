#include "pages/health.h"

#include <string.h>

#include "suite.h"

static void expect(void (*render)(void *, const struct page_call *, struct reply *), void *context, unsigned status,
                   const char *body)
{
    struct reply reply;
    reply_init(&reply);
    render(context, NULL, &reply);
    ck_assert_uint_eq(reply.status, status);
    ck_assert_int_eq(reply.refusal, REFUSED_NOT);
    ck_assert_str_eq(reply.type, TYPE_JSON);
    ck_assert_uint_eq(reply.body_bytes, strlen(body));
    ck_assert_mem_eq(reply.body, body, strlen(body));
    reply_free(&reply);
}

START_TEST(it_lives_and_is_ready_until_it_drains)
{
    struct health health = {.draining = false};
    expect(livez_render, NULL, 200, "{\"live\":true}");
    expect(readyz_render, &health, 200, "{\"ready\":true}");
    atomic_store(&health.draining, true);
    expect(livez_render, NULL, 200, "{\"live\":true}");
    expect(readyz_render, &health, 503, "{\"error\":\"the server is draining\"}");
}
END_TEST

SUITE("health", it_lives_and_is_ready_until_it_drains)
