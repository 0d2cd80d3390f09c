#include "pages/health.h"

#define LIVE "{\"live\":true}"

void livez_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)context;
    (void)call;
    reply_borrow(reply, 200, TYPE_JSON, LIVE, sizeof LIVE - 1);
}

void readyz_render(void *context, const struct page_call *call, struct reply *reply)
{
    (void)call;
    const struct health *health = context;
    if (atomic_load(&health->draining))
        reply_error(reply, 503, REFUSED_NOT, "the server is draining");
    else
        reply_borrow(reply, 200, TYPE_JSON, HEALTH_READY, sizeof HEALTH_READY - 1);
}
