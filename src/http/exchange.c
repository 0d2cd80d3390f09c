#include "http/exchange.h"

#include <string.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "core/model.h"
#include "http/access_log.h"
#include "http/front.h"
#include "http/raw_reply.h"
#include "http/record.h"
#include "http/reply_send.h"
#include "http/router.h"

static void begin(struct connection *connection)
{
    struct request *request = request_list_pop(&connection->heads);
    CHECK(request && connection->stage == STAGE_NONE);
    struct front *front = connection->front;
    counter_add(&front->loop->stats.requests_total, 1);
    connection->request = request;
    connection->stage = STAGE_READING;
    connection->polls = 0;
    request->client = connection;
    if (request->body_follows)
        deadline_set(&front->deadlines, connection, DEADLINE_BODY, request->received_ns);
    router_route(front->site, request);
}

static enum MHD_Result send_reply(struct connection *connection)
{
    struct front *front = connection->front;
    connection->stage = STAGE_WRITING;
    front->owed_runs = RUNS_PER_REPLY;
    connection->returned_ns = clock_ns();
    deadline_set(&front->deadlines, connection, DEADLINE_WRITE, connection->returned_ns);
    return reply_send(connection->mhd, &connection->request->reply, front->draining, &front->loop->stats);
}

static void submit(struct connection *connection)
{
    struct front *front = connection->front;
    struct request *request = connection->request;
    struct model *model = request->model;
    request->submitted_ns = clock_ns();
    connection->stage = STAGE_PENDING;
    front->pending++;
    deadline_set(&front->deadlines, connection, DEADLINE_HANDLER, request->submitted_ns);

    /* Before it is submitted: it may be back, and freed, before submit returns. */
    record_taken(request);
    front->outstanding++;
    front->submitting = true;
    enum err err = model->ops->submit(model, request);
    front->submitting = false;
    if (err == ERR_OK)
        return;
    CHECK(err == ERR_BUSY);
    front->outstanding--;
    record_returned(request);
    front->pending--;
    connection->stage = STAGE_ANSWERED;
    reply_error(&request->reply, 503, REFUSED_QUEUE_FULL,
                "the queue of %s is full (--queue-limit %llu); try again later", model->ops->name,
                (unsigned long long)front->site->config->queue_limit);
    request->reply.header_name = "Retry-After";
    request->reply.header_value = "1";
}

/* Every part of the request is in: moves the exchange on as far as it goes now. */
static enum MHD_Result step(struct connection *connection)
{
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
    }
    if (connection->stage != STAGE_ANSWERED)
        return MHD_YES;
    connection->front->progressed = true;
    return send_reply(connection);
}

enum MHD_Result exchange_on_call(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_bytes, void **context)
{
    (void)url;
    (void)method;
    (void)version;
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
            return send_reply(connection);
        }
        return MHD_YES;
    }
    if (*upload_bytes == 0)
        return step(connection);

    struct request *request = connection->request;
    front->progressed = true;
    if (!request->reply.status && request_body_append(request, upload, *upload_bytes))
        reply_error(&request->reply, 503, REFUSED_NOT, "out of memory");
    *upload_bytes = 0;
    return MHD_YES;
}

static void reply_timeout(struct request *request)
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
        front_check_drained(front);
        return;
    }
    CHECK(connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED);
    if (connection->stage == STAGE_SUSPENDED)
        MHD_resume_connection(connection->mhd);
    else
        front->pending--;
    connection->stage = STAGE_ANSWERED;
    /* A model that runs on the loop keeps the deadline's timer from firing. */
    if (clock_between(request->submitted_ns, request->finished_ns) > front->site->config->request_timeout_ns)
        reply_timeout(request);
    if (!front->submitting)
        front_turn_for_answer(front);
}

/* The model keeps the request; nobody waits for its answer any more. */
static void abandon(struct connection *connection)
{
    struct request *request = connection->request;
    struct model *model = request->model;
    if (connection->stage == STAGE_PENDING)
        connection->front->pending--;
    request_give_up(request);
    connection->request = NULL;
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

    uint64_t now_ns = clock_ns();
    if (connection->stage == STAGE_PENDING || connection->stage == STAGE_SUSPENDED) {
        record_given_up(connection->request);
        abandon(connection);
    } else {
        struct request *request = connection->request;
        if (connection->stage == STAGE_WRITING) {
            record_written(request, connection->returned_ns, now_ns);
            if (front->site->config->access_log)
                access_log(connection, request, now_ns);
        }
        request_free(request);
    }
    connection->request = NULL;
    connection->stage = STAGE_NONE;
    counter_add(&front->loop->stats.requests_done, 1);
    if (connection->whole > 0)
        connection->whole--;

    deadline_set(&front->deadlines, connection, connection->held.length ? DEADLINE_HEADER : DEADLINE_SETTLED, now_ns);
    if (front->draining)
        connection->closing = true;
    if (connection->closing || connection->fault.status || connection->end_of_input)
        connection_kick(connection);
}

/* The answer that the client gets while the model still has the request. */
static void answer_timeout(struct connection *connection)
{
    struct front *front = connection->front;
    struct request *late = connection->request;
    struct request *stand_in = request_new(front->loop, strlen(late->method) + strlen(late->target) + 2);
    bool suspended = connection->stage == STAGE_SUSPENDED;
    if (!stand_in) {
        log_warn("out of memory: %s %s past --request-timeout closes its connection", late->method, late->target);
        shutdown(connection->fd, SHUT_RDWR);
        return;
    }
    stand_in->method = strcpy(stand_in->head, late->method);
    stand_in->target = strcpy(stand_in->head + strlen(late->method) + 1, late->target);
    stand_in->model = late->model;
    stand_in->workload = late->workload;
    stand_in->workload_index = late->workload_index;
    stand_in->received_ns = late->received_ns;
    stand_in->client = connection;
    reply_timeout(stand_in);

    abandon(connection);
    connection->request = stand_in;
    connection->stage = STAGE_ANSWERED;
    if (suspended)
        MHD_resume_connection(connection->mhd);
    front_turn(front);
}

/* The guard's refusals wait for libmicrohttpd to read; here it reads nothing, so the connection is kicked. */
static void refuse_late(struct connection *connection, enum refusal refusal, const char *reason)
{
    connection_refuse(connection, 408, refusal, reason);
    connection_kick(connection);
}

/* A client that closes its side right behind its request is reported by epoll once, for both; a read that then gets the
 * request alone is taken for all there was (guard.h), and the end would never be seen. Reading on after every request
 * to be sure would cost each a system call; looking at connections that went quiet costs only those. */
static void look_for_end(struct connection *connection)
{
    char byte;
    if (recvfrom(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL) == 0)
        connection_close(connection);
    else
        deadline_set(&connection->front->deadlines, connection, DEADLINE_IDLE, clock_ns());
}

void exchange_on_expired(struct connection *connection, enum deadline kind)
{
    switch (kind) {
    case DEADLINE_HEADER:
        refuse_late(connection, REFUSED_HEADER_TIMEOUT, "the request head was not whole within --header-timeout");
        break;
    case DEADLINE_BODY:
        refuse_late(connection, REFUSED_BODY_TIMEOUT, "the request body was not whole within --request-timeout");
        break;
    case DEADLINE_HANDLER:
        answer_timeout(connection);
        break;
    case DEADLINE_WRITE:
        counter_add(&connection->front->loop->stats.rejected[REFUSED_WRITE_TIMEOUT], 1);
        shutdown(connection->fd, SHUT_RDWR);
        break;
    case DEADLINE_SETTLED:
        look_for_end(connection);
        break;
    default:
        connection_close(connection);
    }
}
