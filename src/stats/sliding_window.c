#include "stats/sliding_window.h"

#include "base/check.h"

void sliding_window_init(struct sliding_window *sliding_window, const struct stats_source *source)
{
    sliding_window->source = source;
    CHECK(uv_mutex_init(&sliding_window->sampling) == 0);
    CHECK(uv_mutex_init(&sliding_window->lock) == 0);
    totals_read(&sliding_window->ring[0], source);
    sliding_window->count = 1;
}

static void look(struct sliding_window *sliding_window, const struct totals *now)
{
    for (unsigned m = 0; m < now->model_count; m++) {
        counter_add(&sliding_window->in_flight[m], now->models[m].in_flight);
        counter_add(&sliding_window->waiting[m], now->models[m].waiting);
    }
    counter_add(&sliding_window->samples, 1);
}

static void keep(struct sliding_window *sliding_window, const struct totals *now)
{
    uv_mutex_lock(&sliding_window->lock);
    sliding_window->ring[(sliding_window->oldest + sliding_window->count) % SLIDING_WINDOW_SAMPLES] = *now;
    if (sliding_window->count < SLIDING_WINDOW_SAMPLES)
        sliding_window->count++;
    else
        sliding_window->oldest = (sliding_window->oldest + 1) % SLIDING_WINDOW_SAMPLES;
    uv_mutex_unlock(&sliding_window->lock);
}

void sliding_window_sample(struct sliding_window *sliding_window)
{
    uv_mutex_lock(&sliding_window->sampling);
    if (!sliding_window->stopped) {
        struct totals now;
        totals_read(&now, sliding_window->source);
        look(sliding_window, &now);
        sliding_window_seen(sliding_window, &now); /* with the sample just taken */
        keep(sliding_window, &now);
    }
    uv_mutex_unlock(&sliding_window->sampling);
}

void sliding_window_stop(struct sliding_window *sliding_window)
{
    uv_mutex_lock(&sliding_window->sampling);
    sliding_window->stopped = true;
    uv_mutex_unlock(&sliding_window->sampling);
}

void sliding_window_seen(const struct sliding_window *sliding_window, struct totals *totals)
{
    totals->samples = counter_read(&sliding_window->samples);
    for (unsigned m = 0; m < totals->model_count; m++) {
        totals->models[m].seen_in_flight = counter_read(&sliding_window->in_flight[m]);
        totals->models[m].seen_waiting = counter_read(&sliding_window->waiting[m]);
    }
}

void sliding_window_read(struct sliding_window *sliding_window, struct totals *now)
{
    struct totals oldest;
    uv_mutex_lock(&sliding_window->lock);
    oldest = sliding_window->ring[sliding_window->oldest];
    uv_mutex_unlock(&sliding_window->lock);
    totals_subtract(now, &oldest);
}
