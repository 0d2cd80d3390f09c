#include "http/exchange/exchange.h"

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/stream.h"
#include "http/accounting/access_log.h"
#include "http/accounting/request_stats.h"
#include "http/connection/disconnect_watch.h"
#include "http/connection/drain.h"
#include "http/connection/io_thread_state.h"
#include "http/exchange/response.h"
#include "http/exchange/response_stream.h"
#include "http/request/body_reader.h"
#include "http/request/refusal.h"
#include "http/request/request_filter.h"
#include "http/routing/router.h"
#include "http/websocket/websocket.h"
#include "stream/request_streams.h"

static void begin(struct connection *connection)
{
    struct request *request = request_list_pop(&connection->heads);
    CHECK(request && connection->stage == STAGE_NONE);
    connection->heads_bytes -= request->head_bytes;
    struct io_thread *io_thread = connection->io_thread;
    counter_add(&io_thread->loop->stats.requests_total, 1);
    connection->request = request;
    connection->stage = STAGE_READING;
    connection->polls = 0;
    connection->half_closed = false;
    request->client = connection;
    if (request->body_follows)
        timeouts_set(&io_thread->timeouts, connection, TIMEOUT_BODY, clock_ns());
    router_route(io_thread->routes, request);
    if (request->workload && request->workload->is_mount)
        connection_addresses(connection, &request->peer, &request->local);
    if (request->asks_websocket)
        websocket_begin(connection);
}

static enum MHD_Result send_reply(struct connection *connection, uint64_t now_ns)
{
    struct io_thread *io_thread = connection->io_thread;
    connection->stage = STAGE_WRITING;
    io_thread->owed_runs = RUNS_PER_REPLY;
    connection->returned_ns = now_ns;
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_WRITE, now_ns);
    enum MHD_Result result = response_send(connection);
    struct stream *stream = connection->request->reply.stream;
    if (connection->half_closed && stream && stream->ops->half_closed)
        stream->ops->half_closed(stream); /* the handler may have given the request back before it could be told */
    if (io_thread->draining)
        response_stream_drain(connection);
    return result;
}

static void submit(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    struct request *request = connection->request;
    struct model *model = request->model;
    request->submitted_ns = clock_ns();
    connection->stage = STAGE_PENDING;
    io_thread->pending++;
    uint64_t submitted_ns = request->submitted_ns;

    /* Counts the request before submit, which gives it away: it may be back before submit returns. */
    request_stats_taken(request);
    io_thread->outstanding++;
    enum err err = model->ops->submit(model, request);
    if (err == ERR_OK) {
        if (connection->stage == STAGE_PENDING)
            timeouts_set(&io_thread->timeouts, connection, TIMEOUT_HANDLER, submitted_ns);
        return;
    }
    CHECK(err == ERR_BUSY);
    io_thread->outstanding--;
    request_stats_returned(request);
    io_thread->pending--;
    connection->stage = STAGE_ANSWERED;
    reply_error(&request->reply, 503, REFUSED_QUEUE_FULL,
                "the queue of %s is full (--queue-limit %llu); try again later", model->ops->name,
                (unsigned long long)io_thread->routes->config->queue_limit);
    reply_add_field(&request->reply, "Retry-After", "1");
}

static void on_room(void *owner)
{
    struct connection *connection = owner;
    if (!connection->paused)
        return;
    connection->paused = false;
    connection_kick(connection);
}

/* True if the handler should get the request before the body is whole. The body must be long enough to make that worth
 * the effort. The handler must read its body as it arrives, and run on another thread, where it can wait. */
static bool streams_in(const struct connection *connection)
{
    const struct request *request = connection->request;
    return connection->filling == request && !request->reply.status && request->workload->streams_in &&
           !request->model->ops->on_loop && (!request->body_announced || request->body_announced > BODY_WHOLE_BYTES);
}

/* There is an answer, but libmicrohttpd only sends it once the body is whole. If the reply is a stream, the rest of the
 * body is read, since the stream may depend on it. Otherwise, no more of the body is read. */
static void answer_before_body(struct connection *connection)
{
    if (connection->request->reply.stream) {
        connection->unpaused = true;
        timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_BODY, clock_ns());
    } else {
        request_end_body(connection->request, false);
        connection->cut = true;
    }
    connection->paused = false;
    connection_kick(connection);
}

/* Submits the request with the part of the body that has arrived. Its handler gets the rest through a pipe. */
static void begin_streaming_in(struct connection *connection)
{
    struct request *request = connection->request;
    connection->paused = connection->unpaused = false;
    if (request_open_body(request, on_room, connection))
        return; /* out of memory: the handler gets the body when it is whole, if there is memory for that */
    submit(connection);
    if (connection->stage == STAGE_ANSWERED)
        answer_before_body(connection); /* the model's queue is full */
}

/* libmicrohttpd takes the request as whole: advances the exchange as far as possible now. */
static enum MHD_Result step(struct connection *connection)
{
    if (connection->reset)
        return MHD_NO;
    if (connection->stage == STAGE_READING) {
        connection->io_thread->progressed = true;
        if (connection->request->reply.status)
            connection->stage = STAGE_ANSWERED; /* answered without a model */
        else
            submit(connection);
    } else if (connection->stage == STAGE_PENDING && ++connection->polls >= EXCHANGE_POLLS_MAX) {
        MHD_suspend_connection(connection->mhd);
        connection->stage = STAGE_SUSPENDED;
        connection->io_thread->pending--;
        disconnect_watch_watch(connection);
    }
    if (connection->stage != STAGE_ANSWERED)
        return MHD_YES;
    connection->io_thread->progressed = true;
    return send_reply(connection, clock_ns());
}

enum MHD_Result exchange_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_bytes, void **context)
{
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    struct io_thread *io_thread = cls;
    struct connection *connection = *context;
    if (!connection) {
        connection = *context = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
        if (!connection)
            return MHD_NO; /* there was no memory for the connection */
        begin(connection);
        io_thread->progressed = true;
        /* A client that waits for 100 Continue need not send a body that nobody will read. */
        if (connection->request->reply.status && connection->request->expects_continue) {
            connection->linger = true;
            return send_reply(connection, clock_ns());
        }
        if (streams_in(connection))
            begin_streaming_in(connection);
        return MHD_YES;
    }
    if (*upload_bytes == 0)
        return step(connection);

    io_thread->progressed = true;
    *upload_bytes = 0; /* the one byte that stands for the body, which the request filter has taken */
    return MHD_YES;
}

void exchange_reply_timeout(struct request *request)
{
    reply_error(&request->reply, 504, REFUSED_HANDLER_TIMEOUT, "the handler was not done within --request-timeout");
}

bool exchange_on_answered(struct loop *loop, struct request *request)
{
    loop_check(loop);
    struct io_thread *io_thread = loop->io_thread;
    struct connection *connection = request->client;
    request_stats_returned(request);
    io_thread->outstanding--;
    if (!connection) {
        request_stats_handler(request);
        request_free(request);
        drain_check(io_thread);
        return false;
    }
    CHECK(connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED);
    if (connection->stage == STAGE_SUSPENDED)
        MHD_resume_connection(connection->mhd);
    else
        io_thread->pending--;
    connection->stage = STAGE_ANSWERED;
    disconnect_watch_unwatch(connection);
    /* Otherwise, the limit might expire before the daemon run that sends the answer: timers fire one after another. */
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    /* A model that runs handlers on the loop keeps the timer of the limit from firing, so the time is checked here. For
     * a body that was streamed in, the limit was restarted with each piece, and the check would be wrong. */
    if (clock_between(request->submitted_ns, request->finished_ns) > io_thread->routes->config->request_timeout_ns &&
        !request->streamed_in)
        exchange_reply_timeout(request);
    if (connection->filling == request)
        answer_before_body(connection);
    return true;
}

void exchange_abandon(struct connection *connection)
{
    struct request *request = connection->request;
    struct model *model = request->model;
    if (connection->stage == STAGE_PENDING)
        connection->io_thread->pending--;
    request_give_up(request);
    websocket_discard(connection);
    connection->request = NULL;
    if (connection->filling == request) {
        request_end_body(request, false);
        connection->filling = NULL;
    }
    if (model->ops->cancel)
        model->ops->cancel(model, request);
}

void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
    (void)mhd;
    (void)how;
    struct io_thread *io_thread = cls;
    struct connection *connection = *context;
    if (!connection)
        return;
    *context = NULL;
    io_thread->progressed = true;
    disconnect_watch_unwatch(connection);

    uint64_t now_ns = clock_ns();
    if (connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED) {
        request_stats_given_up(connection->request);
        exchange_abandon(connection);
    } else {
        struct request *request = connection->request;
        if (connection->stage == STAGE_WRITING) {
            request_stats_written(request, connection->returned_ns, now_ns);
            if (io_thread->routes->config->access_log)
                access_log(connection, request, now_ns);
        }
        if (connection->filling == request)
            connection->filling = NULL;
        websocket_discard(connection);
        request_free(request);
    }
    connection->upgrading = connection->upgrading && connection->heads.count > 0;
    connection->request = NULL;
    connection->stage = STAGE_NONE;
    counter_add(&io_thread->loop->stats.requests_done, 1);
    if (connection->whole > 0)
        connection->whole--;

    timeouts_set(&io_thread->timeouts, connection,
                 request_filter_has_begun_head(connection) ? TIMEOUT_HEADER : TIMEOUT_SETTLED, now_ns);
    if (io_thread->draining)
        connection->closing = true;
    if (connection->closing || connection->fault.status || connection->end_of_input || connection->heads_full)
        connection_kick(connection);
}
