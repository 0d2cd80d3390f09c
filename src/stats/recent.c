#include "stats/recent.h"

#include "base/check.h"

void recent_init(struct recent *recent, const struct stats_source *source)
{
    recent->source = source;
    CHECK(uv_mutex_init(&recent->sampling) == 0);
    CHECK(uv_mutex_init(&recent->lock) == 0);
    sums_read(&recent->ring[0], source);
    recent->count = 1;
}

static void look(struct recent *recent, const struct sums *now)
{
    for (unsigned m = 0; m < now->model_count; m++) {
        counter_add(&recent->in_flight[m], now->models[m].in_flight);
        counter_add(&recent->waiting[m], now->models[m].waiting);
    }
    counter_add(&recent->looks, 1);
}

static void keep(struct recent *recent, const struct sums *now)
{
    uv_mutex_lock(&recent->lock);
    recent->ring[(recent->oldest + recent->count) % RECENT_SAMPLES] = *now;
    if (recent->count < RECENT_SAMPLES)
        recent->count++;
    else
        recent->oldest = (recent->oldest + 1) % RECENT_SAMPLES;
    uv_mutex_unlock(&recent->lock);
}

void recent_sample(struct recent *recent)
{
    uv_mutex_lock(&recent->sampling);
    if (!recent->stopped) {
        struct sums now;
        sums_read(&now, recent->source);
        look(recent, &now);
        recent_seen(recent, &now); /* its own look, too */
        keep(recent, &now);
    }
    uv_mutex_unlock(&recent->sampling);
}

void recent_stop(struct recent *recent)
{
    uv_mutex_lock(&recent->sampling);
    recent->stopped = true;
    uv_mutex_unlock(&recent->sampling);
}

void recent_seen(const struct recent *recent, struct sums *sums)
{
    sums->looks = counter_read(&recent->looks);
    for (unsigned m = 0; m < sums->model_count; m++) {
        sums->models[m].seen_in_flight = counter_read(&recent->in_flight[m]);
        sums->models[m].seen_waiting = counter_read(&recent->waiting[m]);
    }
}

void recent_window(struct recent *recent, struct sums *now)
{
    struct sums oldest;
    uv_mutex_lock(&recent->lock);
    oldest = recent->ring[recent->oldest];
    uv_mutex_unlock(&recent->lock);
    sums_subtract(now, &oldest);
}
