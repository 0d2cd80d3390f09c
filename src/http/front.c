#include "http/front.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "http/drain.h"
#include "http/exchange.h"
#include "http/expiry.h"
#include "http/guard.h"
#include "http/hangup.h"
#include "http/recv.h"
#include "http/stream_send.h"
#include "http/turn.h"
#include "http/websocket.h"

enum {
    /* Of libmicrohttpd's memory per connection, which it clears after each request. It holds one condensed head, a
     * piece of the body, and the head of the response. */
    POOL_BYTES = 8 * 1024,
    RELOAD_STREAMS_MS = 1000,
    AGAIN_MS = 1000, /* until those are broken off that have begun since; they may have less */
};

const char *front_libmicrohttpd_version(void)
{
    return MHD_get_version();
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct front *front = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        arrivals_started(&front->arrivals);
        *context = connection_new(front, mhd);
        return;
    }
    struct connection *connection = *context;
    if (connection) {
        guard_free(connection);
        hangup_free(connection);
        connection_free(connection);
    }
    arrivals_closed(&front->arrivals);
    drain_check(front);
}

static void on_daemon_message(void *cls, const char *format, va_list args)
{
    (void)cls;
    char message[512];
    if (!log_enabled(LOG_DEBUG))
        return;
    int length = vsnprintf(message, sizeof message, format, args);
    if (length > 0 && (size_t)length < sizeof message && message[length - 1] == '\n')
        message[length - 1] = '\0';
    log_debug("libmicrohttpd: %s", message);
}

static enum err start_daemon(struct front *front)
{
    unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
    unsigned limit = (unsigned)front->site->config->max_connections;
    front->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, exchange_on_call, front, MHD_OPTION_EXTERNAL_LOGGER, on_daemon_message,
                         NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_CONNECTION_LIMIT,
                         limit, MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed, front, MHD_OPTION_NOTIFY_CONNECTION,
                         on_connection, front, MHD_OPTION_END);
    if (!front->daemon)
        return err_fail(ERR_SYSTEM, "libmicrohttpd cannot start: %s", strerror(errno));
    return ERR_OK;
}

static void on_late(struct deadlines *deadlines)
{
    turn_take(CONTAINER_OF(deadlines, struct front, deadlines));
}

static void on_lingerer_ended(struct lingering *lingering)
{
    drain_check(lingering->owner);
}

static void start_handles(struct front *front)
{
    uv_loop_t *loop = &front->loop->uv;
    turn_start(front);
    CHECK(uv_timer_init(loop, &front->stream_timer) == 0);
    front->stream_timer.data = front;
    arrivals_init(&front->arrivals, front, front_drain);
    deadlines_init(&front->deadlines, loop, front->site->config, on_late, expiry_on_expired);
    front->lingering = (struct lingering){
        .loop = loop,
        .limit_ms = front->site->config->linger_ns / NS_PER_MS,
        .on_ended = on_lingerer_ended,
        .owner = front,
    };
}

/* Room for the connection of every descriptor the process may have. */
static enum err make_tables(struct front *front)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    front->by_fd_size = limit.rlim_cur < 1 << 20 ? (int)limit.rlim_cur : 1 << 20;
    front->by_fd = calloc((size_t)front->by_fd_size, sizeof *front->by_fd);
    front->scratch = malloc(FRONT_SCRATCH_BYTES);
    return front->by_fd && front->scratch ? ERR_OK : err_fail(ERR_NOMEM, "out of memory for a front");
}

enum err front_new(struct loop *loop, const struct site *site, const struct front_events *events, void *owner,
                   struct front **out)
{
    enum err err = recv_check();
    if (err)
        return err;
    struct front *front = calloc(1, sizeof *front);
    if (!front)
        return err_fail(ERR_NOMEM, "out of memory for a front");
    front->loop = loop;
    front->site = site;
    front->events = events;
    front->owner = owner;
    err = make_tables(front);
    if (!err)
        err = start_daemon(front);
    if (err) {
        free(front->by_fd);
        free(front->scratch);
        free(front);
        return err;
    }
    start_handles(front);
    loop->front = front;
    loop->on_answered = exchange_on_answered;
    *out = front;
    return ERR_OK;
}

static void on_stream_timer(uv_timer_t *timer)
{
    struct front *front = timer->data;
    for (struct connection *connection = front->connections; connection; connection = connection->after)
        stream_break(connection);
}

/* How long streams have that go on: with --reload a developer waits. */
static uint64_t streams_ms(const struct config *config)
{
    uint64_t share_ms = config_drain_share_ns(config) / NS_PER_MS;
    return config->reload && share_ms > RELOAD_STREAMS_MS ? RELOAD_STREAMS_MS : share_ms;
}

void front_drain(struct front *front)
{
    front->draining = true;
    CHECK(uv_timer_start(&front->stream_timer, on_stream_timer, streams_ms(front->site->config), AGAIN_MS) == 0);
    for (struct connection *connection = front->connections; connection; connection = connection->after)
        if (connection->stage == STAGE_NONE && connection->whole == 0)
            connection_kick(connection);
        else {
            stream_drain(connection);
            websocket_drain(connection);
        }
    drain_check(front);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct front *front = handle->data;
    if (--front->open_handles > 0)
        return;
    arrivals_free(&front->arrivals);
    free(front->by_fd);
    free(front->scratch);
    buf_free(&front->piece);
    free(front);
}

void front_free(struct front *front)
{
    CHECK(front->connection_count == 0 && front->pending == 0);
    linger_stop_all(&front->lingering);
    uv_handle_t *const handles[] = {(uv_handle_t *)&front->daemon_poll,     (uv_handle_t *)&front->daemon_timer,
                                    (uv_handle_t *)&front->prepare,         (uv_handle_t *)&front->check,
                                    (uv_handle_t *)&front->deadlines.timer, (uv_handle_t *)&front->arrivals.wake,
                                    (uv_handle_t *)&front->stream_timer};
    front->open_handles = sizeof handles / sizeof handles[0];
    for (unsigned i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        handles[i]->data = front;
        uv_close(handles[i], on_handle_closed);
    }
    /* After libuv has let go of its epoll descriptor. */
    MHD_stop_daemon(front->daemon);
}
