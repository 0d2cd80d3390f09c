#include "dispatch/watchdog.h"

#include "core/rig.h"
#include "suite.h"

static struct queue queue;
static struct watchdogs watchdogs;
static unsigned samples, stalls;
static bool takes; /* each sample takes a request */

static void take_one(void)
{
    uv_mutex_lock(&queue.lock);
    struct request *request = queue_pop_locked(&queue);
    uv_mutex_unlock(&queue.lock);
    request_done(request);
}

static void on_look(struct queue *looked_at, struct loop *loop, bool stalled)
{
    ck_assert_ptr_eq(looked_at, &queue);
    ck_assert_ptr_eq(loop, rig_loop);
    samples++;
    stalls += stalled;
    if (takes || samples == 5)
        take_one();
}

static void open_watchdogs(bool taking)
{
    takes = taking;
    rig_open();
    ck_assert_int_eq(queue_init(&queue, &rig_model), ERR_OK);
    ck_assert_int_eq(watchdogs_init(&watchdogs, &queue, on_look), ERR_OK);
}

static void close_watchdogs(void)
{
    watchdogs_free(&watchdogs);
    queue_free(&queue);
    rig_close();
}

static void submit(unsigned count)
{
    while (count--)
        ck_assert_int_eq(queue_submit(&queue, rig_request()), ERR_OK);
    uv_mutex_lock(&queue.lock);
    queue_flush_locked(&queue, rig_loop);
    uint64_t taken_total = queue.taken_total;
    uv_mutex_unlock(&queue.lock);
    watchdogs_start(&watchdogs, rig_loop, taken_total);
}

static void submit_one(void)
{
    submit(1);
}

static void submit_four(void)
{
    submit(4);
}

START_TEST(what_is_not_taken_is_a_stall_at_each_sample)
{
    open_watchdogs(false);
    rig_run(submit_one, 1);
    ck_assert_uint_eq(samples, 5);
    ck_assert_uint_eq(stalls, 5);
    close_watchdogs();
}
END_TEST

START_TEST(what_moves_is_none)
{
    open_watchdogs(true);
    rig_run(submit_four, 4);
    ck_assert_uint_eq(samples, 4);
    ck_assert_uint_eq(stalls, 1); /* no request had been taken before the first sample */
    close_watchdogs();
}
END_TEST

static uv_timer_t much_later;

static void on_much_later(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    uv_stop(timer->loop);
}

START_TEST(where_nothing_waits_nobody_samples)
{
    open_watchdogs(true);
    rig_run(submit_one, 1);
    unsigned before = samples;
    uv_timer_init(&rig_loop->uv, &much_later);
    uv_timer_start(&much_later, on_much_later, 20, 0);
    uv_run(&rig_loop->uv, UV_RUN_DEFAULT);
    ck_assert_uint_eq(samples, before);
    close_watchdogs();
}
END_TEST

SUITE("watchdog", what_is_not_taken_is_a_stall_at_each_sample, what_moves_is_none, where_nothing_waits_nobody_samples)
