#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "connection.h"

enum { EVENTS = 64 };

#define OPENING_NS   (5 * NS_PER_S)
#define REOPENING_NS (10 * NS_PER_MS) /* between two attempts */
#define NEVER        UINT64_MAX

TAILQ_HEAD(connections, connection);

struct driver {
    const struct options *options;
    struct results *results;
    struct schedule schedule;
    uint64_t start_ns, end_ns;
    uint64_t next_ns; /* the first time of the schedule that nothing was sent for; NEVER: that was all */
    int epoll;
    struct connection *connections;
    struct connections idle; /* the one that has been idle longest first */
    unsigned idle_count, closed_count, busy_count;
    uint64_t reopen_ns;
};

/* The next request is another one. */
static void advance(struct driver *driver)
{
    uint64_t at_ns = driver->start_ns + schedule_next_ns(&driver->schedule);
    driver->next_ns = at_ns < driver->end_ns ? at_ns : NEVER;
    if (driver->next_ns == NEVER)
        return;
    if (driver->results->intended++ == 0)
        driver->results->first_intended_ns = at_ns;
    driver->results->last_intended_ns = at_ns;
}

static void make_idle(struct driver *driver, struct connection *connection, uint64_t now_ns)
{
    connection->state = CONNECTION_IDLE;
    connection->idle_since_ns = now_ns;
    response_reset(&connection->response);
    TAILQ_INSERT_TAIL(&driver->idle, connection, idle);
    driver->idle_count++;
}

static void take_from_idle(struct driver *driver, struct connection *connection)
{
    TAILQ_REMOVE(&driver->idle, connection, idle);
    driver->idle_count--;
}

static void drop(struct driver *driver, struct connection *connection)
{
    if (connection->state == CONNECTION_IDLE)
        take_from_idle(driver, connection);
    else if (connection->state == CONNECTION_BUSY)
        driver->busy_count--;
    connection_close(connection);
    driver->closed_count++;
}

/* Opens what is closed, all of it, but no more often than every REOPENING_NS after a failure. */
static void open_closed(struct driver *driver, uint64_t now_ns)
{
    if (driver->closed_count == 0 || now_ns < driver->reopen_ns)
        return;
    for (unsigned i = 0; i < driver->options->connections; i++) {
        struct connection *connection = &driver->connections[i];
        if (connection->state != CONNECTION_CLOSED)
            continue;
        if (connection_open(connection, driver->epoll, &driver->options->address)) {
            driver->closed_count--;
        } else {
            driver->results->errors.connect++;
            driver->reopen_ns = now_ns + REOPENING_NS;
        }
    }
}

static void send_one(struct driver *driver, struct connection *connection, uint64_t now_ns)
{
    struct results *results = driver->results;
    if (connection->idle_since_ns <= driver->next_ns)
        histogram_record(&results->lateness, now_ns - driver->next_ns);
    else
        results->waited++;
    take_from_idle(driver, connection);
    connection->state = CONNECTION_BUSY;
    connection->intended_ns = driver->next_ns;
    connection->sent_ns = now_ns;
    connection->written = 0;
    driver->busy_count++;
    results->sent++;
    advance(driver);
    if (!connection_write(connection, driver->epoll, driver->options->request, driver->options->request_bytes)) {
        results->errors.write++;
        drop(driver, connection);
    }
}

static void send_due(struct driver *driver, uint64_t now_ns)
{
    while (driver->next_ns <= now_ns && driver->idle_count > 0) {
        send_one(driver, TAILQ_FIRST(&driver->idle), now_ns);
        now_ns = clock_ns();
    }
}

static void complete(struct driver *driver, struct connection *connection, uint64_t now_ns)
{
    struct results *results = driver->results;
    int status = connection->response.status;
    histogram_record(&results->latency, now_ns - connection->intended_ns);
    histogram_record(&results->latency_from_send, now_ns - connection->sent_ns);
    if (results->completed++ == 0)
        results->first_completed_ns = now_ns;
    results->last_completed_ns = now_ns;
    if (status < 200 || status > 399)
        results->errors.status++;
    if (connection->response.keep_alive && connection->written == driver->options->request_bytes) {
        driver->busy_count--;
        make_idle(driver, connection, now_ns);
    } else {
        results->reopened++;
        drop(driver, connection);
    }
}

static void on_opened(struct driver *driver, struct connection *connection)
{
    if (connection_opened(connection, driver->epoll)) {
        make_idle(driver, connection, clock_ns());
        return;
    }
    driver->results->errors.connect++;
    driver->reopen_ns = clock_ns() + REOPENING_NS;
    drop(driver, connection);
}

static void on_readable(struct driver *driver, struct connection *connection)
{
    enum connection_read read = connection_read(connection);
    if (read == READ_MORE)
        return;
    if (read == READ_DONE && connection->state == CONNECTION_BUSY) {
        complete(driver, connection, clock_ns());
        return;
    }
    if (connection->state == CONNECTION_BUSY)
        driver->results->errors.read++;
    else
        driver->results->reopened++;
    drop(driver, connection);
}

static void on_event(struct driver *driver, struct connection *connection, uint32_t events)
{
    if (connection->state == CONNECTION_CLOSED) /* since, by a write that failed */
        return;
    if (connection->state == CONNECTION_OPENING) {
        on_opened(driver, connection);
        return;
    }
    if ((events & EPOLLOUT) && connection->state == CONNECTION_BUSY &&
        !connection_write(connection, driver->epoll, driver->options->request, driver->options->request_bytes)) {
        driver->results->errors.write++;
        drop(driver, connection);
        return;
    }
    if (events & ~(uint32_t)EPOLLOUT)
        on_readable(driver, connection);
}

/* Waits for events, at most until then, and handles them. */
static void wait_until(struct driver *driver, uint64_t until_ns)
{
    struct epoll_event events[EVENTS];
    uint64_t left_ns = clock_between(clock_ns(), until_ns);
    struct timespec timeout = {.tv_sec = (time_t)(left_ns / NS_PER_S), .tv_nsec = (long)(left_ns % NS_PER_S)};
    int count = epoll_pwait2(driver->epoll, events, EVENTS, &timeout, NULL);
    if (count < 0 && errno != EINTR) {
        perror("open_loop: epoll_pwait2");
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        on_event(driver, events[i].data.ptr, events[i].events);
        if (driver->next_ns != NEVER)
            send_due(driver, clock_ns());
    }
}

static uint64_t earlier(uint64_t one_ns, uint64_t other_ns)
{
    return one_ns < other_ns ? one_ns : other_ns;
}

static bool open_all(struct driver *driver)
{
    uint64_t deadline_ns = clock_ns() + OPENING_NS;
    driver->next_ns = NEVER;
    while (driver->idle_count < driver->options->connections) {
        uint64_t now_ns = clock_ns();
        if (now_ns >= deadline_ns || driver->results->errors.connect > 0) {
            fprintf(stderr, "open_loop: could open only %u of %u connections\n", driver->idle_count,
                    driver->options->connections);
            return false;
        }
        open_closed(driver, now_ns);
        wait_until(driver, deadline_ns);
    }
    return true;
}

static void run_schedule(struct driver *driver)
{
    const struct options *options = driver->options;
    driver->start_ns = clock_ns();
    driver->end_ns = driver->start_ns + (uint64_t)(options->seconds * 1e9);
    uint64_t over_ns = driver->end_ns + (uint64_t)(options->grace_seconds * 1e9);
    schedule_init(&driver->schedule, options->arrivals, options->rate, options->seed);
    advance(driver);
    for (;;) {
        uint64_t now_ns = clock_ns(), until_ns = over_ns;
        send_due(driver, now_ns);
        if (now_ns >= over_ns || (driver->next_ns == NEVER && driver->busy_count == 0 && now_ns >= driver->end_ns))
            return;
        open_closed(driver, now_ns);
        if (driver->idle_count > 0)
            until_ns = earlier(until_ns, driver->next_ns);
        if (driver->closed_count > 0)
            until_ns = earlier(until_ns, driver->reopen_ns);
        if (driver->next_ns == NEVER && driver->busy_count == 0)
            until_ns = earlier(until_ns, driver->end_ns);
        wait_until(driver, until_ns);
    }
}

/* What was due and is not answered: it has taken this long, at least. */
static void count_unanswered(struct driver *driver, uint64_t now_ns)
{
    struct results *results = driver->results;
    for (unsigned i = 0; i < driver->options->connections; i++) {
        const struct connection *connection = &driver->connections[i];
        if (connection->state != CONNECTION_BUSY)
            continue;
        results->unanswered++;
        results->errors.timeout++;
        histogram_record(&results->latency, now_ns - connection->intended_ns);
        histogram_record(&results->latency_from_send, now_ns - connection->sent_ns);
    }
    for (; driver->next_ns != NEVER; advance(driver)) {
        results->unanswered++;
        results->waited++;
        histogram_record(&results->latency, clock_between(driver->next_ns, now_ns));
    }
    uint64_t last_ns = results->unanswered > 0 ? now_ns : results->last_completed_ns;
    results->duration_ns = (last_ns > driver->end_ns ? last_ns : driver->end_ns) - driver->start_ns;
}

bool driver_run(const struct options *options, struct results *results)
{
    struct driver driver = {.options = options, .results = results, .closed_count = options->connections};
    TAILQ_INIT(&driver.idle);
    driver.epoll = epoll_create1(EPOLL_CLOEXEC);
    driver.connections = calloc(options->connections, sizeof *driver.connections);
    if (driver.epoll < 0 || !driver.connections) {
        perror("open_loop");
        exit(1);
    }
    bool opened = open_all(&driver);
    if (opened) {
        run_schedule(&driver);
        count_unanswered(&driver, clock_ns());
    }
    for (unsigned i = 0; i < options->connections; i++)
        if (driver.connections[i].state != CONNECTION_CLOSED)
            connection_close(&driver.connections[i]);
    close(driver.epoll);
    free(driver.connections);
    return opened;
}
