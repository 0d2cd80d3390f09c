#include "http/connection/timeouts.h"

#include "base/clock.h"

#define SETTLED_NS (10 * NS_PER_MS)
#define LATE_NS    (5 * NS_PER_MS)

static void unlink_connection(struct timeouts *timeouts, struct connection *connection)
{
    enum timeout kind = connection->timeout;
    if (kind == TIMEOUT_NOT)
        return;
    TAILQ_REMOVE(&timeouts->queues[kind], connection, timeout_link);
    connection->timeout = TIMEOUT_NOT;
}

static void on_timer(uv_timer_t *timer);

/* Makes the timer fire no later than due_ns. */
static void arm(struct timeouts *timeouts, uint64_t due_ns, uint64_t now_ns)
{
    if (due_ns >= timeouts->timer_due_ns)
        return;
    timeouts->timer_due_ns = due_ns;
    uint64_t wait_ms = (clock_between(now_ns, due_ns) + NS_PER_MS - 1) / NS_PER_MS;
    uv_update_time(timeouts->timer.loop);
    uv_timer_start(&timeouts->timer, on_timer, wait_ms, 0);
}

void timeouts_set(struct timeouts *timeouts, struct connection *connection, enum timeout kind, uint64_t now_ns)
{
    unlink_connection(timeouts, connection);
    if (kind == TIMEOUT_NOT)
        return;
    connection->timeout = kind;
    connection->timeout_at_ns = now_ns + timeouts->length_ns[kind];
    TAILQ_INSERT_TAIL(&timeouts->queues[kind], connection, timeout_link);
    arm(timeouts, connection->timeout_at_ns, now_ns);
}

void timeouts_restart(struct timeouts *timeouts, struct connection *connection)
{
    if (connection->timeout != TIMEOUT_NOT)
        timeouts_set(timeouts, connection, connection->timeout, clock_ns());
}

static void on_timer(uv_timer_t *timer)
{
    struct timeouts *timeouts = timer->data;
    /* A late timer shows that the loop was busy. Timers may fire before the sockets are read. */
    timeouts->late = clock_between(timeouts->timer_due_ns, clock_ns()) > LATE_NS;
    if (timeouts->late)
        timeouts->on_late(timeouts);
    uint64_t now_ns = clock_ns();
    timeouts->timer_due_ns = UINT64_MAX;
    uint64_t next_ns = UINT64_MAX;
    for (enum timeout kind = 0; kind < TIMEOUT_COUNT; kind++) {
        struct connection *connection;
        while ((connection = TAILQ_FIRST(&timeouts->queues[kind])) && connection->timeout_at_ns <= now_ns) {
            unlink_connection(timeouts, connection);
            timeouts->on_expired(connection, kind);
        }
        if (connection && connection->timeout_at_ns < next_ns)
            next_ns = connection->timeout_at_ns;
    }
    if (next_ns != UINT64_MAX)
        arm(timeouts, next_ns, now_ns);
}

void timeouts_init(struct timeouts *timeouts, uv_loop_t *loop, const struct config *config,
                   void (*on_late)(struct timeouts *timeouts),
                   void (*on_expired)(struct connection *connection, enum timeout kind))
{
    *timeouts = (struct timeouts){
        .length_ns =
            {
                [TIMEOUT_HEADER] = config->header_timeout_ns,
                [TIMEOUT_BODY] = config->request_timeout_ns,
                [TIMEOUT_HANDLER] = config->request_timeout_ns,
                [TIMEOUT_WRITE] = config->request_timeout_ns,
                [TIMEOUT_SETTLED] = SETTLED_NS,
                [TIMEOUT_IDLE] = config->keep_alive_ns,
            },
        .timer_due_ns = UINT64_MAX,
        .on_late = on_late,
        .on_expired = on_expired,
    };
    for (enum timeout kind = 0; kind < TIMEOUT_COUNT; kind++)
        TAILQ_INIT(&timeouts->queues[kind]);
    uv_timer_init(loop, &timeouts->timer);
    timeouts->timer.data = timeouts;
}
