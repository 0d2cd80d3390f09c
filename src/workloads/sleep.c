/* /sleep: waits without using the CPU.
 *
 * libuv's timers count whole milliseconds of a clock that is rounded down. The evented variant may therefore wait up to
 * a millisecond less than asked, like setTimeout in Node. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "core/loop.h"
#include "core/request.h"
#include "workloads/workloads.h"

static void answer(struct request *request)
{
    char body[64];
    int length = snprintf(body, sizeof body, "{\"slept_ms\":%lld}", (long long)request->params[0]);
    reply_copy(&request->reply, 200, TYPE_JSON, body, (size_t)length);
}

static void run(struct request *request)
{
    struct timespec left = {.tv_sec = request->params[0] / 1000, .tv_nsec = request->params[0] % 1000 * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        continue;
    answer(request);
}

static void on_closed(uv_handle_t *timer)
{
    free(timer);
}

/* The time is up, or the answer is no longer wanted. */
static void finish(struct request *request)
{
    uv_close(request->state, on_closed);
    answer(request);
    request_done(request);
}

static void on_timer(uv_timer_t *timer)
{
    finish(timer->data);
}

static void start(struct request *request)
{
    uv_timer_t *timer = malloc(sizeof *timer);
    if (!timer) {
        request_fail(request, "out of memory");
        request_done(request);
        return;
    }
    uv_loop_t *loop = &request->loop->uv;
    uv_timer_init(loop, timer);
    timer->data = request;
    request->state = timer;
    uv_update_time(loop); /* libuv reads the clock only once per iteration */
    uv_timer_start(timer, on_timer, (uint64_t)request->params[0], 0);
}

const struct workload workload_sleep = {
    .name = "sleep",
    .params = {{.name = "ms", .min = 0, .max = 60000, .fallback = 10}},
    .run = run,
    .start = start,
    .cancel = finish,
};
