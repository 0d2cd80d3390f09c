#include "http/io_thread/io_thread.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/own_fds.h"
#include "http/connection/drain.h"
#include "http/connection/socket_watch.h"
#include "http/exchange/exchange.h"
#include "http/exchange/on_timeout.h"
#include "http/exchange/response.h"
#include "http/io_thread/daemon_run.h"
#include "http/request/request_filter.h"
#include "http/websocket/websocket.h"
#include "http/wire/interpose.h"
#include "http/wire/output.h"

enum {
    /* The size of libmicrohttpd's memory pool per connection, which it clears after each request. The pool holds
     * condensed heads, and the head of a response that nobody gets. */
    POOL_BYTES = 1024,
    RELOAD_STREAMS_MS = 1000,
    AGAIN_MS = 1000, /* interval at which streams that began since are broken off; they may get less time */
};

const char *io_thread_libmicrohttpd_version(void)
{
    return MHD_get_version();
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct io_thread *io_thread = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        accept_queue_started(&io_thread->accept_queue);
        *context = connection_new(io_thread, mhd);
        return;
    }
    struct connection *connection = *context;
    if (connection) {
        request_filter_free(connection);
        socket_watch_free(connection);
        output_drop(connection);
        connection_free(connection);
    }
    accept_queue_closed(&io_thread->accept_queue);
    drain_check(io_thread);
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

static enum err out_of_memory(void)
{
    return err_fail(ERR_NOMEM, "out of memory for an event loop's HTTP server");
}

static enum err start_daemon(struct io_thread *io_thread)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ERROR_LOG;
    unsigned limit = (unsigned)io_thread->routes->config->max_connections;
    io_thread->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, exchange_on_call, io_thread, MHD_OPTION_EXTERNAL_LOGGER,
                         on_daemon_message, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
                         MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed,
                         io_thread, MHD_OPTION_NOTIFY_CONNECTION, on_connection, io_thread, MHD_OPTION_END);
    if (!io_thread->daemon)
        return err_fail(ERR_SYSTEM, "libmicrohttpd cannot start: %s", strerror(errno));
    io_thread->daemon_epoll_fd = MHD_get_daemon_info(io_thread->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    CHECK(MHD_run(io_thread->daemon) == MHD_YES); /* its epoll descriptor then watches all others of the daemon's */
    own_fds_add_epoll(io_thread->daemon_epoll_fd);
    return ERR_OK;
}

/* Makes the two responses that tell libmicrohttpd that a reply is sent. */
static enum err make_responses(struct io_thread *io_thread)
{
    io_thread->kept = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    io_thread->closed = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    if (io_thread->kept && io_thread->closed &&
        MHD_add_response_header(io_thread->closed, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES)
        return ERR_OK;
    return out_of_memory();
}

static void free_responses(struct io_thread *io_thread)
{
    if (io_thread->kept)
        MHD_destroy_response(io_thread->kept);
    if (io_thread->closed)
        MHD_destroy_response(io_thread->closed);
}

static void on_answered(struct loop *loop, struct request *request)
{
    if (exchange_on_answered(loop, request))
        daemon_run_for_answer(loop->io_thread);
}

static void on_late(struct timeouts *timeouts)
{
    daemon_run_now(CONTAINER_OF(timeouts, struct io_thread, timeouts));
}

static void on_lingering_ended(struct lingering_closes *lingering_closes)
{
    drain_check(lingering_closes->owner);
}

static void start_handles(struct io_thread *io_thread)
{
    uv_loop_t *loop = &io_thread->loop->uv;
    daemon_run_start(io_thread);
    CHECK(uv_timer_init(loop, &io_thread->stream_timer) == 0);
    io_thread->stream_timer.data = io_thread;
    accept_queue_init(&io_thread->accept_queue, io_thread, io_thread_drain);
    timeouts_init(&io_thread->timeouts, loop, io_thread->routes->config, on_late, on_timeout_expired);
    io_thread->lingering_closes = (struct lingering_closes){
        .loop = loop,
        .limit_ms = io_thread->routes->config->linger_ns / NS_PER_MS,
        .on_ended = on_lingering_ended,
        .owner = io_thread,
    };
}

/* Allocates the read buffer, and a table with room for every descriptor the process may have, up to 2^20. */
static enum err make_tables(struct io_thread *io_thread)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    io_thread->by_fd_size = limit.rlim_cur < 1 << 20 ? (int)limit.rlim_cur : 1 << 20;
    io_thread->by_fd = calloc((size_t)io_thread->by_fd_size, sizeof *io_thread->by_fd);
    io_thread->scratch = malloc(IO_THREAD_SCRATCH_BYTES);
    return io_thread->by_fd && io_thread->scratch ? ERR_OK : out_of_memory();
}

enum err io_thread_new(struct loop *loop, const struct routes *routes, const struct io_thread_events *events,
                       void *owner, struct io_thread **out)
{
    enum err err = interpose_check();
    if (err)
        return err;
    struct io_thread *io_thread = calloc(1, sizeof *io_thread);
    if (!io_thread)
        return out_of_memory();
    io_thread->loop = loop;
    io_thread->routes = routes;
    io_thread->events = events;
    io_thread->owner = owner;
    err = make_tables(io_thread);
    if (!err)
        err = make_responses(io_thread);
    if (!err)
        err = start_daemon(io_thread);
    if (err) {
        free_responses(io_thread);
        free(io_thread->by_fd);
        free(io_thread->scratch);
        free(io_thread);
        return err;
    }
    start_handles(io_thread);
    loop->io_thread = io_thread;
    loop->on_answered = on_answered;
    *out = io_thread;
    return ERR_OK;
}

static void on_stream_timer(uv_timer_t *timer)
{
    struct io_thread *io_thread = timer->data;
    struct connection *connection;
    LIST_FOREACH(connection, &io_thread->connections, link)
        response_break(connection);
}

/* Returns how long streams may go on in a drain. The time is shorter with --reload, because a developer waits. */
static uint64_t streams_ms(const struct config *config)
{
    uint64_t share_ms = config_drain_share_ns(config) / NS_PER_MS;
    return config->reload && share_ms > RELOAD_STREAMS_MS ? RELOAD_STREAMS_MS : share_ms;
}

void io_thread_drain(struct io_thread *io_thread)
{
    io_thread->draining = true;
    CHECK(uv_timer_start(&io_thread->stream_timer, on_stream_timer, streams_ms(io_thread->routes->config), AGAIN_MS) ==
          0);
    struct connection *connection;
    LIST_FOREACH(connection, &io_thread->connections, link)
        if (connection->stage == STAGE_NONE && connection->whole == 0)
            connection_kick(connection);
        else {
            response_drain(connection);
            websocket_drain(connection);
        }
    drain_check(io_thread);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct io_thread *io_thread = handle->data;
    if (--io_thread->open_handles > 0)
        return;
    accept_queue_free(&io_thread->accept_queue);
    free(io_thread->by_fd);
    free(io_thread->scratch);
    buf_free(&io_thread->piece);
    free(io_thread);
}

void io_thread_free(struct io_thread *io_thread)
{
    CHECK(io_thread->connection_count == 0 && io_thread->pending == 0);
    lingering_close_stop_all(&io_thread->lingering_closes);
    uv_handle_t *const handles[] = {
        (uv_handle_t *)&io_thread->daemon_poll,    (uv_handle_t *)&io_thread->daemon_timer,
        (uv_handle_t *)&io_thread->prepare,        (uv_handle_t *)&io_thread->check,
        (uv_handle_t *)&io_thread->timeouts.timer, (uv_handle_t *)&io_thread->accept_queue.wake,
        (uv_handle_t *)&io_thread->stream_timer};
    io_thread->open_handles = sizeof handles / sizeof handles[0];
    for (unsigned i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        handles[i]->data = io_thread;
        uv_close(handles[i], on_handle_closed);
    }
    /* Comes after uv_close of daemon_poll: libuv must have let go of the daemon's epoll descriptor. */
    own_fds_remove_epoll(io_thread->daemon_epoll_fd);
    MHD_stop_daemon(io_thread->daemon);
    free_responses(io_thread);
}
