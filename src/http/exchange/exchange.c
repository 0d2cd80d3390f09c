#include "http/exchange/exchange.h"

#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"
#include "core/stream.h"
#include "http/accounting/access_log.h"
#include "http/accounting/request_stats.h"
#include "http/connection/disconnect_watch.h"
#include "http/connection/drain.h"
#include "http/connection/io_thread_state.h"
#include "http/connection/transition.h"
#include "http/exchange/response.h"
#include "http/request/body_reader.h"
#include "http/request/refusal.h"
#include "http/request/request_filter.h"
#include "http/routing/last_route.h"
#include "http/websocket/websocket.h"
#include "stream/request_streams.h"

/* What moves an exchange on. */
enum event {
    EVENT_HEAD,   /* libmicrohttpd has the head of a request */
    EVENT_CALL,   /* libmicrohttpd has the whole request. It calls in every run until there is a reply, unless suspended
                   */
    EVENT_ANSWER, /* the model has given the request back */
    EVENT_LATE,   /* --request-timeout has passed, and the model still has the request */
    EVENT_RESET,  /* the client of a suspended connection has left, or closed its side of a handshake */
    EVENT_DONE,   /* libmicrohttpd has been told that the reply is sent */
    EVENT_ABORT,  /* the connection ends before that */
};

static void set_stage(struct connection *connection, enum stage stage)
{
    struct io_thread *io_thread = connection->io_thread;
    io_thread->pending += stage == STAGE_PENDING;
    io_thread->pending -= connection->stage == STAGE_PENDING;
    io_thread->progressed |= stage != STAGE_SUSPENDED;
    transition_stage(connection, stage);
}

static void begin(struct connection *connection)
{
    struct request *request = request_filter_next(connection);
    struct io_thread *io_thread = connection->io_thread;
    counter_add(&io_thread->loop->stats.requests_total, 1);
    set_stage(connection, STAGE_READING);
    connection->request = request;
    connection->polls = 0;
    request->client = connection;
    if (request->body_follows)
        timeouts_set(&io_thread->timeouts, connection, TIMEOUT_BODY, clock_ns());
    last_route_route(&io_thread->last_route, io_thread->routes, request);
    if (request->workload && request->workload->is_mount)
        connection_addresses(connection, &request->peer, &request->local);
    if (request->asks_websocket)
        websocket_begin(connection);
}

/* The client waits for leave to send the body, and has it unless the reply is there already. */
static void allow_body(struct connection *connection)
{
    if (connection->request->expects_continue && connection->filling == connection->request)
        response_continue(connection);
}

/* True if the request was answered without a model: by the router, for example. */
static bool is_answered_already(const struct connection *connection)
{
    return connection->request->reply.status != 0;
}

/* Inside the access handler, in STAGE_SENT or STAGE_BROKEN. */
static enum MHD_Result after_writing(struct connection *connection)
{
    if (connection->stage == STAGE_BROKEN)
        return MHD_NO;
    connection->io_thread->owed_runs = RUNS_PER_REPLY;
    return response_tell(connection);
}

/* last: the connection is to end after the reply. */
static enum MHD_Result send_reply(struct connection *connection, bool last)
{
    struct request *request = connection->request;
    set_stage(connection, STAGE_WRITING);
    connection->returned_ns = clock_ns();
    if (request->reply.status == MHD_HTTP_SWITCHING_PROTOCOLS && !websocket_accept(connection)) {
        set_stage(connection, STAGE_BROKEN);
        return MHD_NO;
    }
    response_start(connection, last);
    if (connection->stage != STAGE_WRITING)
        return after_writing(connection);
    MHD_suspend_connection(connection->mhd); /* response.c resumes it, perhaps at once: see the next lines */
    struct stream *stream = request->reply.stream;
    if (stream && stream->ops->half_closed && request_half_closed(request))
        stream->ops->half_closed(stream); /* the handler may have given the request back before it could be told */
    if (connection->io_thread->draining)
        response_drain(connection);
    return MHD_YES;
}

static void submit(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    struct request *request = connection->request;
    struct model *model = request->model;
    if (!request->submitted_ns)
        request->submitted_ns = clock_ns();
    uint64_t submitted_ns = request->submitted_ns;
    set_stage(connection, STAGE_PENDING);

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
    set_stage(connection, STAGE_ANSWERED);
    reply_error(&request->reply, 503, REFUSED_QUEUE_FULL,
                "the queue of %s is full (--queue-limit %llu); try again later", model->ops->name,
                (unsigned long long)io_thread->routes->config->queue_limit);
    reply_add_field(&request->reply, "Retry-After", "1");
}

static void on_room(void *owner)
{
    struct connection *connection = owner;
    if (connection->input != INPUT_PAUSED)
        return;
    transition_input(connection, INPUT_OPEN);
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

/* Ends the body early. libmicrohttpd only sends a reply once it has the whole request. */
static void cut_body(struct connection *connection)
{
    if (transition_allows_input(connection->input, INPUT_CUT))
        transition_input(connection, INPUT_CUT);
    connection_kick(connection);
}

/* There is an answer before the whole body. If it is a stream, the rest of the body is read, since the stream may
 * depend on it. */
static void answer_before_body(struct connection *connection)
{
    if (!connection->request->reply.stream) {
        request_end_body(connection->request, false);
        cut_body(connection);
        return;
    }
    if (transition_allows_input(connection->input, INPUT_UNTHROTTLED))
        transition_input(connection, INPUT_UNTHROTTLED);
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_BODY, clock_ns());
    connection_kick(connection);
}

/* Submits the request with the part of the body that has arrived. Its handler gets the rest through a pipe. */
static void submit_before_body(struct connection *connection)
{
    if (request_open_body(connection->request, on_room, connection))
        return; /* out of memory: the handler gets the body when it is whole, if there is memory for that */
    submit(connection);
    if (connection->stage == STAGE_ANSWERED)
        answer_before_body(connection); /* the model's queue is full */
}

static void on_disconnect(uv_poll_t *poll, int status, int events);

/* There is no answer yet. libmicrohttpd asks again in its next run, or the connection is suspended. */
static void wait_for_answer(struct connection *connection)
{
    if (++connection->polls < EXCHANGE_POLLS_MAX)
        return;
    MHD_suspend_connection(connection->mhd);
    set_stage(connection, STAGE_SUSPENDED);
    disconnect_watch_watch(connection, on_disconnect);
}

static void reply_timeout(struct request *request)
{
    reply_error(&request->reply, 504, REFUSED_HANDLER_TIMEOUT, "the handler was not done within --request-timeout");
}

/* Only a suspended connection is watched for a client that leaves. Otherwise the socket may be watched for the rest of
 * a 100 Continue, or of a refusal, that the kernel has not taken. */
static void unsuspend(struct connection *connection)
{
    if (connection->stage != STAGE_SUSPENDED)
        return;
    disconnect_watch_unwatch(connection);
    MHD_resume_connection(connection->mhd);
}

static void take_answer(struct connection *connection)
{
    struct io_thread *io_thread = connection->io_thread;
    struct request *request = connection->request;
    unsuspend(connection);
    set_stage(connection, STAGE_ANSWERED);
    if (connection->input == INPUT_REFUSED && connection->filling == request)
        return; /* the refusal goes out instead, and has its own time limit */
    /* Otherwise, the limit might expire before the daemon run that sends the answer: timers fire one after another. */
    timeouts_set(&io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    /* A model that runs handlers on the loop keeps the timer of the limit from firing, so the time is checked here. For
     * a body that was streamed in, the limit was restarted with each piece, and the check would be wrong. */
    if (clock_between(request->submitted_ns, request->finished_ns) > io_thread->routes->config->request_timeout_ns &&
        !request->streamed_in)
        reply_timeout(request);
    if (connection->filling == request)
        answer_before_body(connection);
}

/* Detaches the connection from its request, which a model still has. The model keeps the request until it is answered.
 * A model with cancel is told that nobody waits; the others can ask request_given_up. */
static void abandon(struct connection *connection)
{
    struct request *request = connection->request;
    struct model *model = request->model;
    request_give_up(request);
    websocket_discard(connection);
    connection->request = NULL;
    body_drop(connection, request);
    if (model->ops->cancel)
        model->ops->cancel(model, request);
}

/* Returns a request that can take the place of another one in the exchange. NULL: memory ran out. */
static struct request *stand_in_for(const struct request *request)
{
    size_t method_bytes = strlen(request->method) + 1;
    struct request *stand_in = request_new(request->loop, method_bytes + strlen(request->target) + 1);
    if (!stand_in)
        return NULL;
    stand_in->method = strcpy(stand_in->head, request->method);
    stand_in->target = strcpy(stand_in->head + method_bytes, request->target);
    stand_in->model = request->model;
    stand_in->workload = request->workload;
    stand_in->workload_index = request->workload_index;
    stand_in->minor_version = request->minor_version;
    stand_in->closes = request->closes;
    stand_in->received_ns = request->received_ns;
    stand_in->client = request->client;
    return stand_in;
}

/* Answers the client while the model still has the request. */
static void answer_timeout(struct connection *connection)
{
    struct request *late = connection->request;
    struct request *stand_in = stand_in_for(late);
    bool in_body = connection->filling == late;
    if (!stand_in) {
        log_warn("out of memory: %s %s past --request-timeout closes its connection", late->method, late->target);
        shutdown(connection->fd, SHUT_RDWR);
        return;
    }
    reply_timeout(stand_in);
    unsuspend(connection);
    abandon(connection);
    connection->request = stand_in;
    set_stage(connection, STAGE_ANSWERED);
    if (in_body)
        cut_body(connection);
    io_thread_want_run(connection->io_thread);
}

/* libmicrohttpd closes the connection when it next asks for the answer. */
static void leave(struct connection *connection)
{
    timeouts_set(&connection->io_thread->timeouts, connection, TIMEOUT_NOT, 0);
    request_stats_given_up(connection->request);
    abandon(connection);
    set_stage(connection, STAGE_LEFT);
    MHD_resume_connection(connection->mhd);
    io_thread_want_run(connection->io_thread);
}

/* Counts the request, which no model has, and frees it. */
static void finish(struct connection *connection, uint64_t now_ns)
{
    struct request *request = connection->request;
    if (connection->stage == STAGE_SENT || connection->stage == STAGE_BROKEN) {
        request_stats_written(request, connection->returned_ns, now_ns);
        if (connection->io_thread->routes->config->access_log)
            access_log(connection, request, now_ns);
    }
    body_drop(connection, request);
    websocket_discard(connection);
    request_free(request);
    connection->request = NULL;
}

/* last: the exchange was aborted, so libmicrohttpd closes the connection. */
static void end(struct connection *connection, bool last)
{
    struct io_thread *io_thread = connection->io_thread;
    bool sent = connection->stage == STAGE_SENT;
    bool upgraded = sent && connection->request->reply.status == MHD_HTTP_SWITCHING_PROTOCOLS;
    uint64_t now_ns = sent && !upgraded ? connection->sent_ns : clock_ns();
    disconnect_watch_unwatch(connection);
    if (connection->stage == STAGE_PENDING) {
        request_stats_given_up(connection->request);
        abandon(connection);
    } else if (connection->stage != STAGE_LEFT) {
        last = last || upgraded;
        finish(connection, now_ns);
    }
    set_stage(connection, STAGE_NONE);
    counter_add(&io_thread->loop->stats.requests_done, 1);
    timeouts_set(&io_thread->timeouts, connection,
                 request_filter_has_begun_head(connection) ? TIMEOUT_HEADER : TIMEOUT_SETTLED, now_ns);
    request_filter_completed(connection, last);
}

/* The life of a request, from its head to the last byte of its reply. The stages are drawn in docs/connection.md. The
 * result is for libmicrohttpd, on EVENT_HEAD and EVENT_CALL. MHD_NO: it is to close the connection. */
static enum MHD_Result advance(struct connection *connection, enum event event)
{
    switch (event) {
    case EVENT_HEAD:
        begin(connection); /* READING */
        if (is_answered_already(connection) && connection->request->expects_continue) {
            connection_linger(connection); /* the client need not send a body that nobody will read, but it may */
            body_drop(connection, connection->request);
            set_stage(connection, STAGE_ANSWERED);
            return send_reply(connection, true); /* WRITING, and SENT at once or later: response.c */
        }
        allow_body(connection);
        if (streams_in(connection))
            submit_before_body(connection); /* PENDING; or ANSWERED, as below */
        return MHD_YES;
    case EVENT_CALL:
        if (connection->stage == STAGE_READING && is_answered_already(connection))
            set_stage(connection, STAGE_ANSWERED);
        else if (connection->stage == STAGE_READING)
            submit(connection); /* PENDING; ANSWERED if the model's queue is full, or it has answered at once */
        else if (connection->stage == STAGE_PENDING)
            wait_for_answer(connection); /* SUSPENDED, after a while */
        if (connection->stage == STAGE_ANSWERED)
            return send_reply(connection, false); /* WRITING, and SENT or BROKEN at once or later: response.c */
        if (connection->stage == STAGE_SENT || connection->stage == STAGE_BROKEN)
            return after_writing(connection);
        return connection->stage == STAGE_LEFT ? MHD_NO : MHD_YES;
    case EVENT_ANSWER:
        take_answer(connection); /* ANSWERED */
        break;
    case EVENT_LATE:
        answer_timeout(connection); /* ANSWERED */
        break;
    case EVENT_RESET:
        leave(connection); /* LEFT */
        break;
    case EVENT_DONE:
    case EVENT_ABORT:
        end(connection, event == EVENT_ABORT); /* NONE */
    }
    return MHD_YES;
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
        return connection ? advance(connection, EVENT_HEAD) : MHD_NO; /* there was no memory for the connection */
    }
    if (*upload_bytes == 0)
        return advance(connection, EVENT_CALL);
    *upload_bytes = 0; /* the one byte that stands for the body, which the request filter has taken */
    io_thread->progressed = true;
    return MHD_YES;
}

void exchange_on_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
    (void)cls;
    (void)mhd;
    struct connection *connection = *context;
    *context = NULL;
    if (connection)
        advance(connection, how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? EVENT_DONE : EVENT_ABORT);
}

bool exchange_on_answered(struct loop *loop, struct request *request)
{
    loop_check(loop);
    struct io_thread *io_thread = loop->io_thread;
    struct connection *connection = request->client;
    request_stats_returned(request);
    io_thread->outstanding--;
    if (connection) {
        advance(connection, EVENT_ANSWER);
        return true;
    }
    request_stats_handler(request);
    request_free(request);
    drain_check(io_thread);
    return false;
}

void exchange_on_late(struct connection *connection)
{
    advance(connection, EVENT_LATE);
}

/* The model is told when the client has closed its side. A client that asks for a websocket and does so will not use
 * it: that counts as if it had left, which libuv reports as an error. */
static void on_disconnect(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct connection *connection = poll->data;
    struct request *request = connection->request;
    disconnect_watch_unwatch(connection);
    if (status < 0 || connection->websocket) {
        advance(connection, EVENT_RESET);
        return;
    }
    request_half_close(request);
    if (request->model->ops->half_closed)
        request->model->ops->half_closed(request->model, request);
}
