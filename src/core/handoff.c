#include "core/handoff.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"

enum { WATCH_PERIOD_MS = 1, MEAN_OF = 16 };
#define STANDBY_NS    NS_PER_S
#define WAKE_WORTH_NS (200 * NS_PER_US)

/* Runs on a loop from a flush until the queue is empty. LOOP only. */
struct watchdog {
    struct handoff *handoff;
    uv_timer_t timer;
    uint64_t taken_seen;
};

/* Lock held. Whether all sleep, or a handler has blocked of late and none waits to go on in its place. */
static bool standby_missing(const struct handoff *handoff)
{
    return handoff->standing_by == 0 &&
           (handoff->parked_count == handoff->worker_count || handoff->stalled_until_ns > clock_ns());
}

/* Lock held. Whether those awake would need so long for what waits that a further one pays. */
static bool another_pays(const struct handoff *handoff)
{
    uint64_t waiting = handoff->queue.waiting.count, awake = handoff->worker_count - handoff->parked_count;
    return handoff->kind == HANDOFF_PARALLEL && handoff->standing_by < waiting &&
           waiting * handoff->mean_ns > awake * WAKE_WORTH_NS;
}

/* Lock held, one is parked. */
static struct handoff_worker *unpark_one(struct handoff *handoff)
{
    struct handoff_worker *worker = &handoff->workers[handoff->parked[--handoff->parked_count]];
    worker->woken = true;
    handoff->standing_by++;
    return worker;
}

/* Lock held. Takes from the parked ones those that are to be woken once it is let go; returns how many. */
static unsigned unpark(struct handoff *handoff, struct handoff_worker *woken[HANDOFF_WORKERS_MAX])
{
    unsigned count = 0;
    while (handoff->queue.waiting.count > 0 && handoff->parked_count > 0 &&
           (standby_missing(handoff) || another_pays(handoff)))
        woken[count++] = unpark_one(handoff);
    return count;
}

static void signal_all(struct handoff_worker *const woken[], unsigned count)
{
    while (count > 0)
        uv_cond_signal(&woken[--count]->wake);
}

/* Lock held. Nothing was taken for a period although something waits. */
static void on_stall(struct handoff *handoff)
{
    handoff->stalled_until_ns = clock_ns() + STANDBY_NS;
    if (handoff->mean_ns < WATCH_PERIOD_MS * NS_PER_MS)
        handoff->mean_ns = WATCH_PERIOD_MS * NS_PER_MS;
}

static void on_watch(uv_timer_t *timer)
{
    struct watchdog *watchdog = timer->data;
    struct handoff *handoff = watchdog->handoff;
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];
    unsigned count = 0;

    uv_mutex_lock(&handoff->queue.lock);
    bool idle = handoff->queue.waiting.count == 0;
    bool stalled = !idle && handoff->queue.taken_total == watchdog->taken_seen;
    if (stalled)
        on_stall(handoff);
    if (stalled || handoff->kind == HANDOFF_PARALLEL) /* there also where it moves, but proves costly */
        count = unpark(handoff, woken);
    watchdog->taken_seen = handoff->queue.taken_total;
    uv_mutex_unlock(&handoff->queue.lock);

    signal_all(woken, count);
    if (idle)
        uv_timer_stop(timer);
}

enum err handoff_submit(struct handoff *handoff, struct request *request)
{
    return queue_submit(&handoff->queue, request);
}

void handoff_flush(struct handoff *handoff, struct loop *loop)
{
    if (queue_batch_empty(&handoff->queue, loop))
        return;
    struct watchdog *watchdog = handoff->watchdogs[loop->id];
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];

    uv_mutex_lock(&handoff->queue.lock);
    queue_flush_locked(&handoff->queue, loop);
    unsigned count = unpark(handoff, woken);
    uint64_t taken_total = handoff->queue.taken_total;
    uv_mutex_unlock(&handoff->queue.lock);

    signal_all(woken, count);
    if (handoff->worker_count > 1 && !uv_is_active((uv_handle_t *)&watchdog->timer)) {
        watchdog->taken_seen = taken_total;
        uv_timer_start(&watchdog->timer, on_watch, WATCH_PERIOD_MS, WATCH_PERIOD_MS);
    }
}

bool handoff_wait(struct handoff *handoff, unsigned worker)
{
    struct handoff_worker *self = &handoff->workers[worker];
    uv_mutex_lock(&handoff->queue.lock);
    if (handoff->queue.waiting.count > 0) {
        handoff->standing_by++;
    } else if (!handoff->closed) {
        handoff->parked[handoff->parked_count++] = worker;
        while (!self->woken)
            uv_cond_wait(&self->wake, &handoff->queue.lock);
        self->woken = false;
    }
    bool more = handoff->queue.waiting.count > 0 || !handoff->closed;
    uv_mutex_unlock(&handoff->queue.lock);
    return more;
}

struct request *handoff_first(struct handoff *handoff)
{
    struct handoff_worker *woken[HANDOFF_WORKERS_MAX];
    uv_mutex_lock(&handoff->queue.lock);
    CHECK(handoff->standing_by > 0);
    handoff->standing_by--;
    struct request *request = queue_pop_locked(&handoff->queue);
    unsigned count = unpark(handoff, woken);
    uv_mutex_unlock(&handoff->queue.lock);
    signal_all(woken, count);
    return request;
}

struct request *handoff_next(struct handoff *handoff, uint64_t took_ns)
{
    uv_mutex_lock(&handoff->queue.lock);
    handoff->mean_ns = (handoff->mean_ns * (MEAN_OF - 1) + took_ns) / MEAN_OF;
    struct request *request = queue_pop_locked(&handoff->queue);
    uv_mutex_unlock(&handoff->queue.lock);
    return request;
}

void handoff_close(struct handoff *handoff)
{
    uv_mutex_lock(&handoff->queue.lock);
    handoff->closed = true;
    while (handoff->parked_count > 0)
        uv_cond_signal(&unpark_one(handoff)->wake);
    uv_mutex_unlock(&handoff->queue.lock);
}

static enum err watchdogs_init(struct handoff *handoff, const struct model *model)
{
    handoff->watchdogs = calloc(model->loop_count, sizeof(struct watchdog *));
    if (!handoff->watchdogs)
        return ERR_NOMEM;
    for (unsigned i = 0; i < model->loop_count; i++) {
        struct watchdog *watchdog = handoff->watchdogs[i] = calloc(1, sizeof *watchdog);
        if (!watchdog) {
            while (i--)
                free(handoff->watchdogs[i]);
            free(handoff->watchdogs);
            return ERR_NOMEM;
        }
        watchdog->handoff = handoff;
    }
    for (unsigned i = 0; i < model->loop_count; i++) {
        struct watchdog *watchdog = handoff->watchdogs[i];
        CHECK(uv_timer_init(&model->loops[i]->uv, &watchdog->timer) == 0);
        watchdog->timer.data = watchdog;
    }
    return ERR_OK;
}

enum err handoff_init(struct handoff *handoff, struct model *model, enum handoff_kind kind, unsigned worker_count)
{
    CHECK(worker_count >= 1 && worker_count <= HANDOFF_WORKERS_MAX);
    *handoff = (struct handoff){.kind = kind, .worker_count = worker_count};
    enum err err = queue_init(&handoff->queue, model);
    if (err)
        return err;
    err = watchdogs_init(handoff, model);
    if (err) {
        queue_free(&handoff->queue);
        return err_fail(err, "out of memory for the hand-off of %s", model->ops->name);
    }
    for (unsigned i = 0; i < worker_count; i++)
        CHECK(uv_cond_init(&handoff->workers[i].wake) == 0);
    return ERR_OK;
}

static void on_watchdog_closed(uv_handle_t *timer)
{
    free(timer->data);
}

void handoff_free(struct handoff *handoff)
{
    for (unsigned i = 0; i < handoff->queue.model->loop_count; i++)
        uv_close((uv_handle_t *)&handoff->watchdogs[i]->timer, on_watchdog_closed);
    free(handoff->watchdogs);
    for (unsigned i = 0; i < handoff->worker_count; i++)
        uv_cond_destroy(&handoff->workers[i].wake);
    queue_free(&handoff->queue);
}
