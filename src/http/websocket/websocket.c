#include "http/websocket/websocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "http/connection/io_thread_state.h"
#include "http/request/request_filter.h"
#include "http/websocket/handshake.h"
#include "http/websocket/state.h"
#include "stream/request_streams.h"

static void on_handle_closed(uv_handle_t *handle)
{
    struct websocket *websocket = handle->data;
    if (--websocket->open_handles == 0)
        free(websocket);
}

/* Detaches the websocket from its connection. The struct is freed after the loop has closed the handles. */
static void let_go(struct websocket *websocket)
{
    websocket->connection->websocket = NULL;
    ws_channel_leave_loop(websocket->channel);
    ws_message_free(websocket->sending);
    frames_close(&websocket->frames);
    buf_free(&websocket->held);
    buf_free(&websocket->message);
    uv_close((uv_handle_t *)&websocket->poll, on_handle_closed);
    uv_close((uv_handle_t *)&websocket->timer, on_handle_closed);
}

/* Ends an open websocket. libmicrohttpd completes the request and closes the socket in its next run. */
static void finish(struct websocket *websocket)
{
    struct io_thread *io_thread = websocket->connection->io_thread;
    struct MHD_UpgradeResponseHandle *upgrade = websocket->upgrade;
    let_go(websocket);
    CHECK(MHD_upgrade_action(upgrade, MHD_UPGRADE_ACTION_CLOSE) == MHD_YES);
    io_thread_want_run(io_thread);
}

static void on_timer(uv_timer_t *timer);

static void set_timer(struct websocket *websocket, uint64_t wait_ms)
{
    uv_update_time(websocket->timer.loop);
    CHECK(uv_timer_start(&websocket->timer, on_timer, wait_ms, 0) == 0);
}

/* Returns how many milliseconds the client has to answer a close; in a drain, at most the drain's share for it. */
static uint64_t close_ms(const struct io_thread *io_thread)
{
    const struct config *config = io_thread->routes->config;
    uint64_t share_ns = config_drain_share_ns(config), close_ns = config->websocket_close_ns;
    return (io_thread->draining && share_ns < close_ns ? share_ns : close_ns) / NS_PER_MS;
}

static void set_timer_for_ping(struct websocket *websocket)
{
    set_timer(websocket, websocket->connection->io_thread->routes->config->websocket_ping_ns / NS_PER_MS);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void wait_for_events(struct websocket *websocket)
{
    int events = (websocket_may_read(websocket) ? UV_READABLE : 0) |
                 (websocket->frames.out.length || websocket->more ? UV_WRITABLE : 0);
    if (events == websocket->events)
        return;
    websocket->events = events;
    if (events)
        CHECK(uv_poll_start(&websocket->poll, events, on_poll) == 0);
    else
        CHECK(uv_poll_stop(&websocket->poll) == 0);
}

/* Reads and writes as much as is possible now. May free the websocket. */
static void advance(struct websocket *websocket)
{
    bool was_closing = websocket->closing;
    websocket_read(websocket);
    bool stalled = websocket->frames.out.length >= OUT_BYTES;
    websocket_write(websocket);
    /* epoll does not report bytes that were read already, and held. */
    websocket->more = websocket->more || (stalled && websocket_may_read(websocket));
    bool over = websocket->ended && websocket->closing && websocket->frames.out.length == 0;
    if (websocket->gone || over) {
        finish(websocket);
        return;
    }
    if (websocket->closing && !was_closing)
        set_timer(websocket, close_ms(websocket->connection->io_thread));
    wait_for_events(websocket);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct websocket *websocket = poll->data;
    if (status < 0)
        websocket->gone = true;
    advance(websocket);
}

/* The channel's on_change. */
static void on_change(void *owner)
{
    struct websocket *websocket = owner;
    if (!websocket->upgrade)
        return; /* not open yet; the first write will look at the channel */
    websocket->full = websocket->full && !ws_channel_has_room(websocket->channel);
    advance(websocket);
}

/* True if no pong could come: the server reads nothing, since the channel is full, or the client is still sending a
 * frame. */
static bool is_excused(const struct websocket *websocket)
{
    return websocket->full || (websocket->heard && websocket->frames.left > 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct websocket *websocket = timer->data;
    if (websocket->closing) {
        finish(websocket); /* the client does not answer the close, or does not take it */
        return;
    }
    if (!websocket->silent) {
        websocket->silent = true;
        websocket_write_control(websocket, WSLAY_PING, NULL, 0);
    } else if (!is_excused(websocket)) {
        struct closing lost = closing_of(CLOSE_ABNORMAL, NULL, 0);
        ws_channel_put_closing(websocket->channel, &lost);
        websocket_fail(websocket, CLOSE_SERVER_ERROR, "no pong came");
        set_timer(websocket, close_ms(websocket->connection->io_thread));
        advance(websocket);
        return;
    }
    websocket->heard = false;
    set_timer_for_ping(websocket);
    advance(websocket);
}

/* Returns owned. NULL: memory ran out, or libuv cannot poll the socket. */
static struct websocket *make(struct connection *connection)
{
    struct websocket *websocket = calloc(1, sizeof *websocket);
    if (!websocket)
        return NULL;
    struct loop *loop = connection->io_thread->loop;
    websocket->connection = connection;
    if (frames_open(&websocket->frames) == ERR_OK)
        websocket->channel = ws_channel_new(loop, on_change, websocket);
    if (!websocket->channel || uv_poll_init(&loop->uv, &websocket->poll, connection->fd)) {
        if (websocket->channel) {
            ws_channel_leave_loop(websocket->channel);
            ws_channel_leave_thread(websocket->channel);
        }
        frames_close(&websocket->frames);
        free(websocket);
        return NULL;
    }
    CHECK(uv_timer_init(&loop->uv, &websocket->timer) == 0);
    websocket->poll.data = websocket->timer.data = websocket;
    websocket->open_handles = 2;
    return websocket;
}

void websocket_begin(struct connection *connection)
{
    struct request *request = connection->request;
    if (request->reply.status || !request->workload || !request->workload->takes_websockets ||
        !handshake_check(request))
        return;
    connection->websocket = make(connection);
    if (connection->websocket)
        request_give_channel(request, connection->websocket->channel);
    else
        reply_error(&request->reply, 503, REFUSED_NOT, "out of memory");
}

void websocket_discard(struct connection *connection)
{
    if (connection->websocket && !connection->websocket->upgrade)
        let_go(connection->websocket);
}

void websocket_drain(struct connection *connection)
{
    struct websocket *websocket = connection->websocket;
    if (!websocket || !websocket->upgrade)
        return;
    struct closing closing = closing_of(CLOSE_RESTART, NULL, 0);
    ws_channel_put_closing(websocket->channel, &closing);
    websocket_write_close(websocket, &closing);
    set_timer(websocket, close_ms(connection->io_thread));
    wait_for_events(websocket);
}

/* libmicrohttpd's MHD_UpgradeHandler. The kernel has the 101. The connection must not be ended in here, by
 * libmicrohttpd's rules. So the bytes that were held are read later, when the socket is found to be writable. */
static void on_upgrade(void *cls, struct MHD_Connection *mhd, void *context, const char *extra, size_t extra_bytes,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *upgrade)
{
    (void)mhd;
    (void)context;
    (void)extra;
    struct connection *connection = cls;
    struct websocket *websocket = connection->websocket;
    int at_once = 1;
    CHECK(fd == connection->fd && extra_bytes == 0); /* the request filter has passed on nothing after the head */
    connection_limit_unsent(connection);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once); /* libmicrohttpd clears it */
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    websocket->upgrade = upgrade;
    request_filter_take_held(connection, &websocket->held);
    websocket->more = true;
    set_timer_for_ping(websocket);
    wait_for_events(websocket);
    if (connection->io_thread->draining)
        websocket_drain(connection);
}

bool websocket_accept(struct connection *connection)
{
    struct request *request = connection->request;
    char accept[HANDSHAKE_ACCEPT_BYTES];
    if (!handshake_accept(request, accept))
        return false;
    reply_add_field(&request->reply, MHD_HTTP_HEADER_UPGRADE, "websocket");
    reply_add_field(&request->reply, "Sec-WebSocket-Accept", accept);
    return request->reply.status == MHD_HTTP_SWITCHING_PROTOCOLS;
}

enum MHD_Result websocket_tell(struct connection *connection)
{
    struct MHD_Response *response = MHD_create_response_for_upgrade(on_upgrade, connection);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket"); /* it insists */
    if (result == MHD_YES)
        result = MHD_queue_response(connection->mhd, MHD_HTTP_SWITCHING_PROTOCOLS, response);
    MHD_destroy_response(response);
    return result;
}
