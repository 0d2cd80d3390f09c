#include "core/rig.h"

#include "assertions.h"

struct loop *rig_loop;
struct config rig_config;
struct model rig_model;
struct request *rig_returned[RIG_REQUESTS_MAX];
unsigned rig_returned_count;

static const struct model_ops ops = {.name = "rig"};
static unsigned expected_count;
static void (*first_step)(void);
static uv_timer_t starter;

static void stop_when_all_are_back(void)
{
    if (rig_returned_count >= expected_count)
        uv_stop(&rig_loop->uv);
}

static void on_answered(struct loop *loop, struct request *request)
{
    ck_assert_ptr_eq(loop, rig_loop);
    ck_assert_ptr_eq(loop_current(), rig_loop);
    ck_assert_uint_lt(rig_returned_count, RIG_REQUESTS_MAX);
    rig_returned[rig_returned_count++] = request;
    stop_when_all_are_back();
}

void rig_open(void)
{
    rig_config = (struct config){.queue_limit = 10, .threads = 4};
    ck_assert_int_eq(loop_new(0, &rig_loop), ERR_OK);
    rig_loop->on_answered = on_answered;
    rig_model = (struct model){.ops = &ops, .config = &rig_config, .loops = &rig_loop, .loop_count = 1};
    rig_returned_count = 0;
    ck_assert_int_eq(uv_timer_init(&rig_loop->uv, &starter), 0);
}

void rig_close(void)
{
    while (rig_returned_count > 0)
        request_free(rig_returned[--rig_returned_count]);
    uv_close((uv_handle_t *)&starter, NULL);
    loop_free(rig_loop);
}

struct request *rig_request(void)
{
    struct request *request = request_new(rig_loop, 0);
    ck_assert_ptr_nonnull(request);
    request->model = &rig_model;
    request->method = "GET";
    request->target = "/rig";
    return request;
}

static void on_start(uv_timer_t *timer)
{
    (void)timer;
    if (first_step)
        first_step();
    stop_when_all_are_back();
}

void rig_run(void (*step)(void), unsigned count)
{
    first_step = step;
    expected_count = count;
    ck_assert_int_eq(uv_timer_start(&starter, on_start, 0, 0), 0);
    loop_run(rig_loop);
    ck_assert_uint_eq(rig_returned_count, count);
}
