#include "dispatch/watchdog.h"

#include <stdlib.h>

#include "base/check.h"
#include "core/loop.h"

enum { PERIOD_MS = 1 };

struct watchdog {
    struct watchdogs *all;
    struct loop *loop;
    uv_timer_t timer;
    uint64_t taken_seen;
};

static void on_watch(uv_timer_t *timer)
{
    struct watchdog *watchdog = timer->data;
    struct queue *queue = watchdog->all->queue;
    uv_mutex_lock(&queue->lock);
    bool idle = queue->waiting.count == 0;
    bool stalled = queue->taken_total == watchdog->taken_seen;
    watchdog->taken_seen = queue->taken_total;
    uv_mutex_unlock(&queue->lock);
    if (idle)
        uv_timer_stop(timer);
    else
        watchdog->all->on_look(queue, watchdog->loop, stalled);
}

static void free_list(struct watchdogs *watchdogs, unsigned count)
{
    while (count--)
        free(watchdogs->of_loop[count]);
    free(watchdogs->of_loop);
}

enum err watchdogs_init(struct watchdogs *watchdogs, struct queue *queue,
                        void (*on_look)(struct queue *queue, struct loop *loop, bool stalled))
{
    const struct model *model = queue->model;
    *watchdogs = (struct watchdogs){.queue = queue, .on_look = on_look};
    watchdogs->of_loop = calloc(model->loop_count, sizeof(struct watchdog *));
    for (unsigned i = 0; watchdogs->of_loop && i < model->loop_count; i++) {
        struct watchdog *watchdog = watchdogs->of_loop[i] = calloc(1, sizeof *watchdog);
        if (!watchdog) {
            free_list(watchdogs, i);
            return ERR_NOMEM;
        }
        watchdog->all = watchdogs;
        watchdog->loop = model->loops[i];
    }
    if (!watchdogs->of_loop)
        return ERR_NOMEM;
    for (unsigned i = 0; i < model->loop_count; i++) {
        struct watchdog *watchdog = watchdogs->of_loop[i];
        CHECK(uv_timer_init(&watchdog->loop->uv, &watchdog->timer) == 0);
        watchdog->timer.data = watchdog;
    }
    return ERR_OK;
}

static void on_closed(uv_handle_t *timer)
{
    free(timer->data);
}

void watchdogs_free(struct watchdogs *watchdogs)
{
    for (unsigned i = 0; i < watchdogs->queue->model->loop_count; i++)
        uv_close((uv_handle_t *)&watchdogs->of_loop[i]->timer, on_closed);
    free(watchdogs->of_loop);
}

void watchdogs_start(struct watchdogs *watchdogs, struct loop *loop, uint64_t taken_total)
{
    struct watchdog *watchdog = watchdogs->of_loop[loop->id];
    if (uv_is_active((uv_handle_t *)&watchdog->timer))
        return;
    watchdog->taken_seen = taken_total;
    CHECK(uv_timer_start(&watchdog->timer, on_watch, PERIOD_MS, PERIOD_MS) == 0);
}
