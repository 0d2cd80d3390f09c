#include "core/loop.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"

/* How often a loop measures how late its timers fire: the default of Node's monitorEventLoopDelay. */
enum { DELAY_PERIOD_MS = 10 };

static _Thread_local struct loop *current;

struct loop *loop_current(void)
{
    return current;
}

void loop_post(struct loop *loop, struct inbox_message *inbox_message)
{
    inbox_push(&loop->inbox, inbox_message);
    CHECK(uv_async_send(&loop->wake) == 0);
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    inbox_deliver(&loop->inbox);
}

static void on_delay_timer(uv_timer_t *timer);

static void start_delay_timer(struct loop *loop, uint64_t now_ns)
{
    uv_update_time(&loop->uv);
    loop->delay_due_ns = now_ns + DELAY_PERIOD_MS * NS_PER_MS;
    uv_timer_start(&loop->delay_timer, on_delay_timer, DELAY_PERIOD_MS, 0);
}

/* Also updates idle_ns: other threads may not read it from libuv. */
static void on_delay_timer(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    uint64_t now_ns = clock_ns();
    histogram_record(&loop->stats.delay, clock_between(loop->delay_due_ns, now_ns));
    atomic_store_explicit(&loop->stats.idle_ns, uv_metrics_idle_time(&loop->uv), memory_order_relaxed);
    start_delay_timer(loop, now_ns);
}

enum err loop_new(unsigned id, struct loop **out)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return err_fail(ERR_NOMEM, "out of memory for an event loop");
    loop->id = id;
    int status = uv_loop_init(&loop->uv);
    if (status) {
        free(loop);
        return err_fail(ERR_SYSTEM, "cannot make an event loop: %s", uv_strerror(status));
    }
    CHECK(!STATS || uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME) == 0);
    status = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (status) {
        CHECK(uv_loop_close(&loop->uv) == 0);
        free(loop);
        return err_fail(ERR_SYSTEM, "cannot make an event loop's wake-up: %s", uv_strerror(status));
    }
    loop->wake.data = loop;
    CHECK(uv_timer_init(&loop->uv, &loop->delay_timer) == 0);
    loop->delay_timer.data = loop;
    *out = loop;
    return ERR_OK;
}

void loop_run(struct loop *loop)
{
    current = loop;
    atomic_store_explicit(&loop->running, true, memory_order_relaxed);
    uint64_t now_ns = clock_ns();
    atomic_store_explicit(&loop->stats.started_ns, now_ns, memory_order_relaxed);
    if (STATS)
        start_delay_timer(loop, now_ns);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    atomic_store_explicit(&loop->running, false, memory_order_relaxed);
    current = NULL;
}

void loop_free(struct loop *loop)
{
    on_wake(&loop->wake);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->delay_timer, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT))
        continue;
    CHECK(uv_loop_close(&loop->uv) == 0);
    while (!SLIST_EMPTY(&loop->free_requests)) {
        struct request *request = SLIST_FIRST(&loop->free_requests);
        SLIST_REMOVE_HEAD(&loop->free_requests, freed);
        free(request);
    }
    loop_stats_free(&loop->stats);
    free(loop);
}
