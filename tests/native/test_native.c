#include "native/native.h"

#include <string.h>

#include "captured_log.h"
#include "core/reply_fields.h"
#include "suite.h"
#include "workloads/variants.h"

static struct tandem_request *started;
static unsigned cancelled, torn_down;
static uv_timer_t left_open;

static void answer(struct tandem_request *request)
{
    tandem_set_status(request, 200);
    tandem_add_field(request, "Content-Type", "text/plain");
    tandem_set_body(request, tandem_path(request), strlen(tandem_path(request)));
}

static void answer_and_end(struct tandem_request *request)
{
    ck_assert_ptr_eq(tandem_loop(request), &variants_loop->uv);
    answer(request);
    tandem_done(request);
}

static void keep(struct tandem_request *request)
{
    started = request;
}

static void on_cancel(struct tandem_request *request)
{
    ck_assert_ptr_eq(request, started);
    cancelled++;
    answer_and_end(request);
}

static const char *refuse(void)
{
    return "not today";
}

static void tear_down(void)
{
    torn_down++;
}

static const struct tandem_handler both = {.run = answer, .start = answer_and_end, .teardown = tear_down};
static const struct tandem_handler blocking = {.run = answer};
static const struct tandem_handler waiting = {.start = keep, .cancel = on_cancel};
static const struct tandem_handler careless = {.start = keep};
static const struct tandem_handler unready = {.run = answer, .setup = refuse};

static struct request *open_request(const struct tandem_handler *handler, const char *target)
{
    native_use(handler);
    variants_open(&native_workload);
    struct request *request = variants_request(0, 0);
    request->target = target;
    return request;
}

static void expect(const struct request *request, const char *body)
{
    ck_assert_uint_eq(request->reply.status, 200);
    ck_assert_str_eq(reply_fields_value(&request->reply.fields, "content-type"), "text/plain");
    ck_assert_uint_eq(request->reply.body_bytes, strlen(body));
    ck_assert_mem_eq(request->reply.body, body, strlen(body));
}

START_TEST(both_variants_answer)
{
    for (int variant = 0; variant < VARIANT_COUNT; variant++) {
        struct request *request = open_request(&both, "/some%20path");
        variants_call((enum variant)variant, request);
        expect(request, "/some path");
        variants_close();
    }
}
END_TEST

START_TEST(a_variant_that_the_handler_has_not_is_none)
{
    native_use(&blocking);
    ck_assert(native_workload.run && !native_workload.start);
    native_use(&waiting);
    ck_assert(!native_workload.run && native_workload.start);
    native_use(&both);
    ck_assert(native_workload.run && native_workload.start);
}
END_TEST

static struct request *pending;

static void start_and_cancel(void)
{
    native_workload.start(pending);
    ck_assert_uint_eq(variants_returned_count, 0);
    native_workload.cancel(pending);
}

START_TEST(a_cancelled_one_is_still_answered)
{
    pending = open_request(&waiting, "/waiting");
    variants_run(start_and_cancel, 1);
    ck_assert_uint_eq(cancelled, 1);
    expect(pending, "/waiting");
    variants_close();
}
END_TEST

static void start_cancel_and_answer(void)
{
    start_and_cancel();
    ck_assert_uint_eq(variants_returned_count, 0);
    answer_and_end(started);
}

START_TEST(without_a_cancel_it_is_answered_when_it_is)
{
    pending = open_request(&careless, "/late");
    variants_run(start_cancel_and_answer, 1);
    expect(pending, "/late");
    variants_close();
}
END_TEST

static void end_it(void *arg)
{
    (void)arg;
    answer_and_end(started);
}

/* Another thread has answered, but the loop has not taken the answer back yet. */
static void start_answer_elsewhere_and_cancel(void)
{
    uv_thread_t thread;
    native_workload.start(pending);
    ck_assert_int_eq(uv_thread_create(&thread, end_it, NULL), 0);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    ck_assert_uint_eq(variants_returned_count, 0);
    native_workload.cancel(pending);
}

START_TEST(what_another_thread_has_answered_is_not_cancelled)
{
    cancelled = 0;
    pending = open_request(&waiting, "/elsewhere");
    variants_run(start_answer_elsewhere_and_cancel, 1);
    ck_assert_uint_eq(cancelled, 0);
    expect(pending, "/elsewhere");
    variants_close();
}
END_TEST

static void start_and_end_twice(void)
{
    native_workload.start(pending);
    captured_log_begin();
    answer_and_end(started);
    tandem_done(started);
    ck_assert_ptr_nonnull(strstr(captured_log_end(), "in test-model: the handler called tandem_done twice"));
}

START_TEST(the_second_end_is_told_and_ignored)
{
    pending = open_request(&waiting, "/twice");
    variants_run(start_and_end_twice, 1);
    expect(pending, "/twice");
    variants_close();
}
END_TEST

START_TEST(a_handler_may_refuse_to_serve)
{
    native_use(&unready);
    ck_assert_int_eq(native_setup("mine.so"), ERR_APP);
    ck_assert_str_eq(err_message(), "--native: mine.so is not ready: not today");
    native_use(&both);
    ck_assert_int_eq(native_setup("mine.so"), ERR_OK);
}
END_TEST

static void never(uv_timer_t *timer)
{
    ck_abort_msg("%p fired", (void *)timer);
}

START_TEST(what_is_left_open_is_told_and_closed)
{
    native_use(&both);
    variants_open(&native_workload);
    uv_timer_init(&variants_loop->uv, &left_open);
    uv_timer_start(&left_open, never, 1000000, 1000000);
    captured_log_begin();
    native_teardown(&variants_loop, 1);
    const char *log = captured_log_end();
    ck_assert_uint_eq(torn_down, 1);
    ck_assert_ptr_nonnull(strstr(log, "--native: the handler left a uv_timer_t open on loop 0"));
    ck_assert_ptr_null(strstr(log, "uv_async_t"));
    variants_close(); /* would never return */
}
END_TEST

SUITE("native", both_variants_answer, a_variant_that_the_handler_has_not_is_none, a_cancelled_one_is_still_answered,
      without_a_cancel_it_is_answered_when_it_is, what_another_thread_has_answered_is_not_cancelled,
      the_second_end_is_told_and_ignored, a_handler_may_refuse_to_serve, what_is_left_open_is_told_and_closed)
