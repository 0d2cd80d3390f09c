#include "dispatch/batch.h"

#include "base/clock.h"
#include "core/rig.h"
#include "suite.h"

static struct batch batch;
static unsigned run_count;
static uint64_t run_ns; /* the time that each run claims to take: a busy machine does not end a batch here */

static void open_batch(void)
{
    rig_open();
    rig_config.request_timeout_ns = UINT64_MAX;
    batch = (struct batch){0};
    run_count = 0;
    run_ns = 0;
}

static struct request *push(void)
{
    struct request *request = rig_request();
    batch_push(&batch, request);
    return request;
}

static uint64_t run(void *own, struct request *request, uint64_t now_ns)
{
    ck_assert_ptr_eq(own, &batch);
    ck_assert_uint_le(now_ns, clock_ns());
    run_count++;
    request_done(request);
    return now_ns + run_ns;
}

static void work_off_three(void)
{
    struct request *requests[] = {push(), push(), push()};
    ck_assert_uint_eq(model_waiting(&rig_model), 3);
    ck_assert(!batch_work_off(&batch, run, &batch));
    ck_assert_uint_eq(rig_returned_count, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_ptr_eq(rig_returned[i], requests[i]);
    ck_assert_uint_eq(model_waiting(&rig_model), 0);
    ck_assert(!batch_work_off(&batch, run, &batch));
}

START_TEST(what_waits_is_run_in_its_order)
{
    open_batch();
    rig_run(work_off_three, 3);
    ck_assert_uint_eq(run_count, 3);
    rig_close();
}
END_TEST

static void work_off_slow_ones(void)
{
    run_ns = 20 * NS_PER_MS;
    for (unsigned i = 0; i < 3; i++)
        push();
    ck_assert(batch_work_off(&batch, run, &batch));
    ck_assert_uint_eq(run_count, 1); /* the finished one need not wait for the others */
    ck_assert(batch_work_off(&batch, run, &batch));
    ck_assert(!batch_work_off(&batch, run, &batch));
}

START_TEST(a_slow_one_ends_the_batch)
{
    open_batch();
    rig_run(work_off_slow_ones, 3);
    ck_assert_uint_eq(run_count, 3);
    rig_close();
}
END_TEST

static void give_up_two(void)
{
    run_ns = 20 * NS_PER_MS;
    struct request *first = push(), *slow = push(), *last = push(), *kept = push();
    request_give_up(first);
    request_give_up(last);
    ck_assert(batch_work_off(&batch, run, &batch));
    ck_assert_uint_eq(rig_returned_count, 3); /* the last one was given up: it need not wait for its turn */
    ck_assert_ptr_eq(rig_returned[0], first);
    ck_assert_ptr_eq(rig_returned[1], slow);
    ck_assert_ptr_eq(rig_returned[2], last);
    ck_assert_uint_eq(model_waiting(&rig_model), 1);
    ck_assert(!batch_work_off(&batch, run, &batch));
    ck_assert_ptr_eq(rig_returned[3], kept);
}

START_TEST(who_has_left_is_given_back_without_being_run)
{
    open_batch();
    rig_run(give_up_two, 4);
    ck_assert_uint_eq(run_count, 2);
    rig_close();
}
END_TEST

static void work_off_late_ones(void)
{
    for (unsigned i = 0; i < 3; i++)
        push()->submitted_ns = 1;
    rig_config.request_timeout_ns = NS_PER_MS;
    ck_assert(!batch_work_off(&batch, run, &batch));
}

START_TEST(what_has_waited_for_too_long_is_given_back_likewise)
{
    open_batch();
    rig_run(work_off_late_ones, 3);
    ck_assert_uint_eq(run_count, 0);
    rig_close();
}
END_TEST

SUITE("batch", what_waits_is_run_in_its_order, a_slow_one_ends_the_batch, who_has_left_is_given_back_without_being_run,
      what_has_waited_for_too_long_is_given_back_likewise)
