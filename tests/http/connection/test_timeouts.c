#include "http/connection/timeouts.h"

#include <limits.h>

#include "base/clock.h"
#include "suite.h"

enum { CONNECTIONS = 4 };

static uv_loop_t loop;
static struct timeouts timeouts;
static struct connection connections[CONNECTIONS];

/* The timeouts that expired, in order, and the kind that on_expired sets again. */
static struct connection *expired[16];
static enum timeout expired_kinds[16];
static unsigned expired_count;
static enum timeout again;

static void on_expired(struct connection *connection, enum timeout kind)
{
    ck_assert_uint_lt(expired_count, 16);
    ck_assert_int_eq(connection->timeout, TIMEOUT_NOT);
    ck_assert_uint_le(connection->timeout_at_ns, clock_ns());
    expired[expired_count] = connection;
    expired_kinds[expired_count++] = kind;
    if (again != TIMEOUT_NOT) {
        enum timeout kind_again = again;
        again = TIMEOUT_NOT;
        timeouts_set(&timeouts, connection, kind_again, clock_ns());
    }
}

/* Only counted: a busy machine makes the loop late in every test. */
static unsigned late, expired_before_late;

static void on_late(struct timeouts *which)
{
    ck_assert_ptr_eq(which, &timeouts);
    late++;
    expired_before_late = expired_count;
}

static void open_timeouts(void)
{
    static struct config config = {
        .header_timeout_ns = 20 * NS_PER_MS, .request_timeout_ns = 10 * NS_PER_MS, .keep_alive_ns = 3600 * NS_PER_S};
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    timeouts_init(&timeouts, &loop, &config, on_late, on_expired);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connections[i] = (struct connection){.timeout = TIMEOUT_NOT};
    expired_count = 0;
    again = TIMEOUT_NOT;
}

/* Runs until no timeout is due. The call returns only if the timer is not rearmed without need. */
static void run_out(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void close_timeouts(void)
{
    uv_close((uv_handle_t *)&timeouts.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static void set(unsigned connection, enum timeout kind)
{
    timeouts_set(&timeouts, &connections[connection], kind, clock_ns());
    ck_assert_int_eq(connections[connection].timeout, kind);
}

static void expect_expired(unsigned at, unsigned connection, enum timeout kind)
{
    ck_assert_ptr_eq(expired[at], &connections[connection]);
    ck_assert_int_eq(expired_kinds[at], kind);
}

/* A loop that comes 10 ms late finds both kinds due. On a loaded machine this tries again. */
START_TEST(each_expires_once_the_earliest_first)
{
    bool in_time = false;
    while (!in_time) {
        open_timeouts();
        late = 0;
        uint64_t now_ns = clock_ns();
        timeouts_set(&timeouts, &connections[0], TIMEOUT_HEADER, now_ns);  /* 20 ms */
        timeouts_set(&timeouts, &connections[1], TIMEOUT_HANDLER, now_ns); /* 10 ms */
        timeouts_set(&timeouts, &connections[2], TIMEOUT_HEADER, now_ns);
        run_out();
        ck_assert_uint_eq(expired_count, 3);
        in_time = late == 0;
        if (in_time) {
            expect_expired(0, 1, TIMEOUT_HANDLER);
            expect_expired(1, 0, TIMEOUT_HEADER);
            expect_expired(2, 2, TIMEOUT_HEADER);
        }
        close_timeouts();
    }
}
END_TEST

START_TEST(a_connection_is_under_one_limit_only)
{
    open_timeouts();
    set(0, TIMEOUT_BODY);
    set(0, TIMEOUT_HEADER);
    run_out();
    ck_assert_uint_eq(expired_count, 1);
    expect_expired(0, 0, TIMEOUT_HEADER);
    close_timeouts();
}
END_TEST

START_TEST(under_none_it_never_expires)
{
    open_timeouts();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        set(i, TIMEOUT_BODY);
    set(1, TIMEOUT_NOT); /* from the middle, */
    set(0, TIMEOUT_NOT); /* the beginning, */
    set(3, TIMEOUT_NOT); /* and the end of the queue */
    set(3, TIMEOUT_NOT);
    run_out();
    ck_assert_uint_eq(expired_count, 1);
    expect_expired(0, 2, TIMEOUT_BODY);
    close_timeouts();
}
END_TEST

START_TEST(a_limit_set_anew_runs_from_then)
{
    open_timeouts();
    uint64_t before_ns = clock_ns();
    set(0, TIMEOUT_BODY);
    uint64_t first_ns = connections[0].timeout_at_ns;
    set(1, TIMEOUT_BODY);
    set(0, TIMEOUT_BODY);
    ck_assert_uint_ge(first_ns, before_ns + 10 * NS_PER_MS);
    ck_assert_uint_gt(connections[0].timeout_at_ns, first_ns);
    run_out();
    ck_assert_uint_eq(expired_count, 2);
    expect_expired(0, 1, TIMEOUT_BODY);
    expect_expired(1, 0, TIMEOUT_BODY);
    close_timeouts();
}
END_TEST

START_TEST(what_expired_may_be_set_again)
{
    open_timeouts();
    again = TIMEOUT_WRITE;
    set(0, TIMEOUT_BODY);
    run_out();
    ck_assert_uint_eq(expired_count, 2);
    expect_expired(1, 0, TIMEOUT_WRITE);
    close_timeouts();
}
END_TEST

START_TEST(a_far_limit_does_not_hold_back_a_near_one)
{
    open_timeouts();
    set(0, TIMEOUT_IDLE); /* an hour */
    set(1, TIMEOUT_BODY);
    while (expired_count == 0)
        uv_run(&loop, UV_RUN_ONCE);
    expect_expired(0, 1, TIMEOUT_BODY);
    ck_assert_int_eq(connections[0].timeout, TIMEOUT_IDLE);
    set(0, TIMEOUT_NOT);
    close_timeouts();
}
END_TEST

START_TEST(where_the_loop_was_busy_what_came_meanwhile_is_read_first)
{
    open_timeouts();
    late = 0;
    expired_before_late = UINT_MAX;
    set(0, TIMEOUT_BODY);
    uv_sleep(40); /* blocks the loop's thread */
    run_out();
    ck_assert_uint_eq(late, 1);
    ck_assert_uint_eq(expired_before_late, 0);
    ck_assert_uint_eq(expired_count, 1);
    close_timeouts();
}
END_TEST

SUITE("timeouts", each_expires_once_the_earliest_first, a_connection_is_under_one_limit_only,
      under_none_it_never_expires, a_limit_set_anew_runs_from_then, what_expired_may_be_set_again,
      a_far_limit_does_not_hold_back_a_near_one, where_the_loop_was_busy_what_came_meanwhile_is_read_first)
