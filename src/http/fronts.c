#include "http/fronts.h"

#include "base/check.h"
#include "core/model.h"
#include "http/front.h"

static void on_closed(struct front *front)
{
    struct fronts *fronts = front->owner;
    listener_on_closed(fronts->listener);
}

static void on_drained(struct front *front)
{
    uv_stop(&front->loop->uv);
}

static const struct front_events events = {on_closed, on_drained};

enum err fronts_new(struct fronts *fronts, struct listener *listener, const struct site *site, struct loop **loops,
                    unsigned count)
{
    CHECK(count >= 1 && count <= LOOPS_MAX);
    *fronts = (struct fronts){.listener = listener};
    for (; fronts->count < count; fronts->count++) {
        enum err err = front_new(loops[fronts->count], site, &events, fronts, &fronts->list[fronts->count]);
        if (err) {
            fronts_free(fronts);
            return err;
        }
    }
    return ERR_OK;
}

/* LOOP. Until the front has drained. */
static void run(void *argument)
{
    struct front *front = argument;
    struct models *models = front->site->models;
    loop_run(front->loop);
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->leave)
            models->list[i].ops->leave(&models->list[i], front->loop);
}

static void join(struct fronts *fronts, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        CHECK(uv_thread_join(&fronts->threads[i]) == 0);
}

enum err fronts_start(struct fronts *fronts)
{
    for (unsigned i = 1; i < fronts->count; i++) {
        int status = uv_thread_create(&fronts->threads[i], run, fronts->list[i]);
        if (!status)
            continue;
        for (unsigned started = 1; started < i; started++)
            front_ask_drain(fronts->list[started]);
        join(fronts, i);
        return err_fail(ERR_SYSTEM, "--loops %u: cannot start the thread of loop %u: %s", fronts->count, i,
                        uv_strerror(status));
    }
    return ERR_OK;
}

void fronts_run(struct fronts *fronts)
{
    run(fronts->list[0]);
    join(fronts, fronts->count);
}

void fronts_free(struct fronts *fronts)
{
    while (fronts->count > 0)
        front_free(fronts->list[--fronts->count]);
}
