#include "http/deadline.h"

#include <limits.h>

#include "base/clock.h"
#include "suite.h"

enum { CONNECTIONS = 4 };

static uv_loop_t loop;
static struct deadlines deadlines;
static struct connection connections[CONNECTIONS];

/* What expired, in that order, and what is to be done then. */
static struct connection *expired[16];
static enum deadline expired_kinds[16];
static unsigned expired_count;
static enum deadline again;

static void on_expired(struct connection *connection, enum deadline kind)
{
    ck_assert_uint_lt(expired_count, 16);
    ck_assert_int_eq(connection->deadline, DEADLINE_NOT);
    ck_assert_uint_le(connection->deadline_ns, clock_ns());
    expired[expired_count] = connection;
    expired_kinds[expired_count++] = kind;
    if (again != DEADLINE_NOT) {
        enum deadline kind_again = again;
        again = DEADLINE_NOT;
        deadline_set(&deadlines, connection, kind_again, clock_ns());
    }
}

/* A machine that is busy makes the loop late in every test. */
static unsigned late, expired_before_late;

static void on_late(struct deadlines *which)
{
    ck_assert_ptr_eq(which, &deadlines);
    late++;
    expired_before_late = expired_count;
}

static void open_deadlines(void)
{
    static struct config config = {
        .header_timeout_ns = 20 * NS_PER_MS, .request_timeout_ns = 10 * NS_PER_MS, .keep_alive_ns = 3600 * NS_PER_S};
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    deadlines_init(&deadlines, &loop, &config, on_late, on_expired);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        connections[i] = (struct connection){.deadline = DEADLINE_NOT};
    expired_count = 0;
    again = DEADLINE_NOT;
}

/* Runs until nothing is due any more: the timer is not rearmed for nothing. */
static void run_out(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

static void close_deadlines(void)
{
    uv_close((uv_handle_t *)&deadlines.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

static void set(unsigned connection, enum deadline kind)
{
    deadline_set(&deadlines, &connections[connection], kind, clock_ns());
    ck_assert_int_eq(connections[connection].deadline, kind);
}

static void expect_expired(unsigned at, unsigned connection, enum deadline kind)
{
    ck_assert_ptr_eq(expired[at], &connections[connection]);
    ck_assert_int_eq(expired_kinds[at], kind);
}

START_TEST(each_expires_once_the_earliest_first)
{
    open_deadlines();
    set(0, DEADLINE_HEADER);  /* 20 ms */
    set(1, DEADLINE_HANDLER); /* 10 ms */
    set(2, DEADLINE_HEADER);
    run_out();
    ck_assert_uint_eq(expired_count, 3);
    expect_expired(0, 1, DEADLINE_HANDLER);
    expect_expired(1, 0, DEADLINE_HEADER);
    expect_expired(2, 2, DEADLINE_HEADER);
    close_deadlines();
}
END_TEST

START_TEST(a_connection_is_under_one_limit_only)
{
    open_deadlines();
    set(0, DEADLINE_BODY);
    set(0, DEADLINE_HEADER);
    run_out();
    ck_assert_uint_eq(expired_count, 1);
    expect_expired(0, 0, DEADLINE_HEADER);
    close_deadlines();
}
END_TEST

START_TEST(under_none_it_never_expires)
{
    open_deadlines();
    for (unsigned i = 0; i < CONNECTIONS; i++)
        set(i, DEADLINE_BODY);
    set(1, DEADLINE_NOT); /* from the middle, */
    set(0, DEADLINE_NOT); /* the beginning, */
    set(3, DEADLINE_NOT); /* and the end of the queue */
    set(3, DEADLINE_NOT);
    run_out();
    ck_assert_uint_eq(expired_count, 1);
    expect_expired(0, 2, DEADLINE_BODY);
    close_deadlines();
}
END_TEST

START_TEST(a_limit_set_anew_runs_from_then)
{
    open_deadlines();
    uint64_t before_ns = clock_ns();
    set(0, DEADLINE_BODY);
    uint64_t first_ns = connections[0].deadline_ns;
    set(1, DEADLINE_BODY);
    set(0, DEADLINE_BODY);
    ck_assert_uint_ge(first_ns, before_ns + 10 * NS_PER_MS);
    ck_assert_uint_gt(connections[0].deadline_ns, first_ns);
    run_out();
    ck_assert_uint_eq(expired_count, 2);
    expect_expired(0, 1, DEADLINE_BODY);
    expect_expired(1, 0, DEADLINE_BODY);
    close_deadlines();
}
END_TEST

START_TEST(what_expired_may_be_set_again)
{
    open_deadlines();
    again = DEADLINE_WRITE;
    set(0, DEADLINE_BODY);
    run_out();
    ck_assert_uint_eq(expired_count, 2);
    expect_expired(1, 0, DEADLINE_WRITE);
    close_deadlines();
}
END_TEST

START_TEST(a_far_limit_does_not_hold_back_a_near_one)
{
    open_deadlines();
    set(0, DEADLINE_IDLE); /* an hour */
    set(1, DEADLINE_BODY);
    while (expired_count == 0)
        uv_run(&loop, UV_RUN_ONCE);
    expect_expired(0, 1, DEADLINE_BODY);
    ck_assert_int_eq(connections[0].deadline, DEADLINE_IDLE);
    set(0, DEADLINE_NOT);
    close_deadlines();
}
END_TEST

START_TEST(where_the_loop_was_busy_what_came_meanwhile_is_read_first)
{
    open_deadlines();
    late = 0;
    expired_before_late = UINT_MAX;
    set(0, DEADLINE_BODY);
    uv_sleep(40); /* it is the loop's thread that sleeps */
    run_out();
    ck_assert_uint_eq(late, 1);
    ck_assert_uint_eq(expired_before_late, 0);
    ck_assert_uint_eq(expired_count, 1);
    close_deadlines();
}
END_TEST

SUITE("deadline", each_expires_once_the_earliest_first, a_connection_is_under_one_limit_only,
      under_none_it_never_expires, a_limit_set_anew_runs_from_then, what_expired_may_be_set_again,
      a_far_limit_does_not_hold_back_a_near_one, where_the_loop_was_busy_what_came_meanwhile_is_read_first)
