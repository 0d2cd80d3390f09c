#include "http/exchange.h"

#include "base/check.h"
#include "base/clock.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/stream.h"
#include "http/access_log.h"
#include "http/body.h"
#include "http/drain.h"
#include "http/front.h"
#include "http/guard.h"
#include "http/hangup.h"
#include "http/raw_reply.h"
#include "http/record.h"
#include "http/reply_send.h"
#include "http/router.h"
#include "http/stream_send.h"
#include "http/turn.h"
#include "http/websocket.h"

static void begin(struct connection *connection)
{
    struct request *request = request_list_pop(&connection->heads);
    CHECK(request && connection->stage == STAGE_NONE);
    connection->heads_bytes -= request->head_bytes;
    struct front *front = connection->front;
    counter_add(&front->loop->stats.requests_total, 1);
    connection->request = request;
    connection->stage = STAGE_READING;
    connection->polls = 0;
    connection->half_closed = false;
    request->client = connection;
    if (request->body_follows)
        deadline_set(&front->deadlines, connection, DEADLINE_BODY, clock_ns());
    router_route(front->site, request);
    if (request->workload && request->workload->is_mount)
        connection_addresses(connection, &request->peer, &request->local);
    if (request->asks_websocket)
        websocket_begin(connection);
}

static enum MHD_Result send_reply(struct connection *connection, uint64_t now_ns)
{
    struct front *front = connection->front;
    connection->stage = STAGE_WRITING;
    front->owed_runs = RUNS_PER_REPLY;
    connection->returned_ns = now_ns;
    deadline_set(&front->deadlines, connection, DEADLINE_WRITE, now_ns);
    enum MHD_Result result = reply_send(connection);
    struct stream *stream = connection->request->reply.stream;
    if (connection->half_closed && stream && stream->ops->half_closed)
        stream->ops->half_closed(stream); /* its handler may have given the request back before that was told */
    if (front->draining)
        stream_drain(connection);
    return result;
}

static void submit(struct connection *connection)
{
    struct front *front = connection->front;
    struct request *request = connection->request;
    struct model *model = request->model;
    request->submitted_ns = clock_ns();
    connection->stage = STAGE_PENDING;
    front->pending++;
    uint64_t submitted_ns = request->submitted_ns;

    /* Before it is submitted: it may be back, and freed, before submit returns. */
    record_taken(request);
    front->outstanding++;
    enum err err = model->ops->submit(model, request);
    if (err == ERR_OK) {
        if (connection->stage == STAGE_PENDING)
            deadline_set(&front->deadlines, connection, DEADLINE_HANDLER, submitted_ns);
        return;
    }
    CHECK(err == ERR_BUSY);
    front->outstanding--;
    record_returned(request);
    front->pending--;
    connection->stage = STAGE_ANSWERED;
    reply_error(&request->reply, 503, REFUSED_QUEUE_FULL,
                "the queue of %s is full (--queue-limit %llu); try again later", model->ops->name,
                (unsigned long long)front->site->config->queue_limit);
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

/* Whether its handler is to have the request before its body is whole: that is worth it, and the handler wants it, on
 * another thread, where it can wait. */
static bool streams_in(const struct connection *connection)
{
    const struct request *request = connection->request;
    return connection->filling == request && !request->reply.status && request->workload->streams_in &&
           !request->model->ops->on_loop && (!request->body_announced || request->body_announced > BODY_WHOLE_BYTES);
}

/* There is an answer, and more of the body to come, which libmicrohttpd wants to be whole first: for a stream, which
 * may depend on it, it is read to its end; else no more of it is. */
static void answer_before_body(struct connection *connection)
{
    if (connection->request->reply.stream) {
        connection->unpaused = true;
        deadline_set(&connection->front->deadlines, connection, DEADLINE_BODY, clock_ns());
    } else {
        request_end_inflow(connection->request, false);
        connection->cut = true;
    }
    connection->paused = false;
    connection_kick(connection);
}

/* The model has what has come of the body, and gets the rest as it comes. */
static void begin_streaming_in(struct connection *connection)
{
    struct request *request = connection->request;
    connection->paused = connection->unpaused = false;
    if (request_open_inflow(request, on_room, connection))
        return; /* it gets it whole, then, if there is memory for that */
    submit(connection);
    if (connection->stage == STAGE_ANSWERED)
        answer_before_body(connection); /* its queue is full */
}

/* Every part of the request is in: moves the exchange on as far as it goes now. */
static enum MHD_Result step(struct connection *connection)
{
    if (connection->reset)
        return MHD_NO;
    if (connection->stage == STAGE_READING) {
        connection->front->progressed = true;
        if (connection->request->reply.status)
            connection->stage = STAGE_ANSWERED; /* the router had the answer */
        else
            submit(connection);
    } else if (connection->stage == STAGE_PENDING && ++connection->polls >= EXCHANGE_POLLS_MAX) {
        MHD_suspend_connection(connection->mhd);
        connection->stage = STAGE_SUSPENDED;
        connection->front->pending--;
        hangup_watch(connection);
    }
    if (connection->stage != STAGE_ANSWERED)
        return MHD_YES;
    connection->front->progressed = true;
    return send_reply(connection, clock_ns());
}

enum MHD_Result exchange_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_bytes, void **context)
{
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    struct front *front = cls;
    struct connection *connection = *context;
    if (!connection) {
        connection = *context = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
        if (!connection)
            return MHD_NO; /* there was no memory for it */
        begin(connection);
        front->progressed = true;
        /* Who waits for 100 Continue need not send a body that nobody will read. */
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

    front->progressed = true;
    *upload_bytes = 0; /* the token: the guard has taken the body itself */
    return MHD_YES;
}

void exchange_reply_late(struct request *request)
{
    reply_error(&request->reply, 504, REFUSED_HANDLER_TIMEOUT, "the handler was not done within --request-timeout");
}

void exchange_on_answered(struct loop *loop, struct request *request)
{
    struct front *front = loop->front;
    struct connection *connection = request->client;
    record_returned(request);
    front->outstanding--;
    if (!connection) {
        record_handler(request);
        request_free(request);
        drain_check(front);
        return;
    }
    CHECK(connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED);
    if (connection->stage == STAGE_SUSPENDED)
        MHD_resume_connection(connection->mhd);
    else
        front->pending--;
    connection->stage = STAGE_ANSWERED;
    hangup_unwatch(connection);
    /* Else it may expire before the turn that sends the answer: timers fire one behind the other. */
    deadline_set(&front->deadlines, connection, DEADLINE_NOT, 0);
    /* A model that runs on the loop keeps the deadline's timer from firing. Where a body was streaming in the limit
     * began anew with each piece. */
    if (clock_between(request->submitted_ns, request->finished_ns) > front->site->config->request_timeout_ns &&
        !request->streamed_in)
        exchange_reply_late(request);
    if (connection->filling == request)
        answer_before_body(connection);
    turn_want_for_answer(front);
}

void exchange_abandon(struct connection *connection)
{
    struct request *request = connection->request;
    struct model *model = request->model;
    if (connection->stage == STAGE_PENDING)
        connection->front->pending--;
    request_give_up(request);
    websocket_discard(connection);
    connection->request = NULL;
    if (connection->filling == request) {
        request_end_inflow(request, false);
        connection->filling = NULL;
    }
    if (model->ops->cancel)
        model->ops->cancel(model, request);
}

void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
    (void)mhd;
    (void)how;
    struct front *front = cls;
    struct connection *connection = *context;
    if (!connection)
        return;
    *context = NULL;
    front->progressed = true;
    hangup_unwatch(connection);

    uint64_t now_ns = clock_ns();
    if (connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED) {
        record_given_up(connection->request);
        exchange_abandon(connection);
    } else {
        struct request *request = connection->request;
        if (connection->stage == STAGE_WRITING) {
            record_written(request, connection->returned_ns, now_ns);
            if (front->site->config->access_log)
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
    counter_add(&front->loop->stats.requests_done, 1);
    if (connection->whole > 0)
        connection->whole--;

    deadline_set(&front->deadlines, connection, guard_has_begun_head(connection) ? DEADLINE_HEADER : DEADLINE_SETTLED,
                 now_ns);
    if (front->draining)
        connection->closing = true;
    if (connection->closing || connection->fault.status || connection->end_of_input || connection->heads_full)
        connection_kick(connection);
}
