#include "http/deadline.h"

#include "base/clock.h"

#define SETTLED_NS (10 * NS_PER_MS)
#define LATE_NS    (5 * NS_PER_MS)

static void unlink_connection(struct deadlines *deadlines, struct connection *connection)
{
    enum deadline kind = connection->deadline;
    if (kind == DEADLINE_NOT)
        return;
    struct connection *before = connection->deadline_before, *after = connection->deadline_after;
    if (before)
        before->deadline_after = after;
    else
        deadlines->first[kind] = after;
    if (after)
        after->deadline_before = before;
    else
        deadlines->last[kind] = before;
    connection->deadline = DEADLINE_NOT;
}

static void on_timer(uv_timer_t *timer);

/* Sees to it that the timer fires no later than due_ns. */
static void arm(struct deadlines *deadlines, uint64_t due_ns, uint64_t now_ns)
{
    if (due_ns >= deadlines->timer_due_ns)
        return;
    deadlines->timer_due_ns = due_ns;
    uint64_t wait_ms = (clock_between(now_ns, due_ns) + NS_PER_MS - 1) / NS_PER_MS;
    uv_update_time(deadlines->timer.loop);
    uv_timer_start(&deadlines->timer, on_timer, wait_ms, 0);
}

void deadline_set(struct deadlines *deadlines, struct connection *connection, enum deadline kind, uint64_t now_ns)
{
    unlink_connection(deadlines, connection);
    if (kind == DEADLINE_NOT)
        return;
    struct connection *last = deadlines->last[kind];
    connection->deadline = kind;
    connection->deadline_ns = now_ns + deadlines->length_ns[kind];
    connection->deadline_before = last;
    connection->deadline_after = NULL;
    if (last)
        last->deadline_after = connection;
    else
        deadlines->first[kind] = connection;
    deadlines->last[kind] = connection;
    arm(deadlines, connection->deadline_ns, now_ns);
}

void deadline_restart(struct deadlines *deadlines, struct connection *connection)
{
    if (connection->deadline != DEADLINE_NOT)
        deadline_set(deadlines, connection, connection->deadline, clock_ns());
}

static void on_timer(uv_timer_t *timer)
{
    struct deadlines *deadlines = timer->data;
    /* Timers fire before sockets are read. */
    if (clock_between(deadlines->timer_due_ns, clock_ns()) > LATE_NS)
        deadlines->on_late(deadlines);
    uint64_t now_ns = clock_ns();
    deadlines->timer_due_ns = UINT64_MAX;
    uint64_t next_ns = UINT64_MAX;
    for (enum deadline kind = 0; kind < DEADLINE_COUNT; kind++) {
        struct connection *connection;
        while ((connection = deadlines->first[kind]) && connection->deadline_ns <= now_ns) {
            unlink_connection(deadlines, connection);
            deadlines->on_expired(connection, kind);
        }
        if (deadlines->first[kind] && deadlines->first[kind]->deadline_ns < next_ns)
            next_ns = deadlines->first[kind]->deadline_ns;
    }
    if (next_ns != UINT64_MAX)
        arm(deadlines, next_ns, now_ns);
}

void deadlines_init(struct deadlines *deadlines, uv_loop_t *loop, const struct config *config,
                    void (*on_late)(struct deadlines *deadlines),
                    void (*on_expired)(struct connection *connection, enum deadline kind))
{
    *deadlines = (struct deadlines){
        .length_ns =
            {
                [DEADLINE_HEADER] = config->header_timeout_ns,
                [DEADLINE_BODY] = config->request_timeout_ns,
                [DEADLINE_HANDLER] = config->request_timeout_ns,
                [DEADLINE_WRITE] = config->request_timeout_ns,
                [DEADLINE_SETTLED] = SETTLED_NS,
                [DEADLINE_IDLE] = config->keep_alive_ns,
            },
        .timer_due_ns = UINT64_MAX,
        .on_late = on_late,
        .on_expired = on_expired,
    };
    uv_timer_init(loop, &deadlines->timer);
    deadlines->timer.data = deadlines;
}
