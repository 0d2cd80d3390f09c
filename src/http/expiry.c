#include "http/expiry.h"

#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/loop.h"
#include "http/exchange.h"
#include "http/front.h"
#include "http/hangup.h"

/* The answer that the client gets while the model still has the request. */
static void answer_timeout(struct connection *connection)
{
    struct front *front = connection->front;
    struct request *late = connection->request;
    struct request *stand_in = request_new(front->loop, strlen(late->method) + strlen(late->target) + 2);
    bool suspended = connection->stage == STAGE_SUSPENDED, in_body = connection->filling == late;
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
    exchange_reply_late(stand_in);

    hangup_unwatch(connection);
    exchange_abandon(connection);
    connection->request = stand_in;
    connection->stage = STAGE_ANSWERED;
    if (in_body) {
        connection->paused = false;
        connection->cut = true;
        connection_kick(connection);
    }
    if (suspended)
        MHD_resume_connection(connection->mhd);
    front_want_turn(front);
}

/* The guard's refusals wait for libmicrohttpd to read; here it reads nothing, so the connection is kicked. */
static void refuse_late(struct connection *connection, enum refusal refusal, const char *reason)
{
    connection_refuse(connection, 408, refusal, reason);
    connection_kick(connection);
    /* It may be writing 100 Continue to a client that takes nothing, and not come to read. */
    deadline_set(&connection->front->deadlines, connection, DEADLINE_WRITE, clock_ns());
}

/* What the limit was for has come: libmicrohttpd has it, and has not come to it. Only where that takes as long again is
 * the client at fault, which does not take the 100 Continue. */
static bool came_in_time(struct connection *connection, enum deadline kind)
{
    if (kind == DEADLINE_HANDLER || kind == DEADLINE_WRITE || connection->whole == 0)
        return false;
    deadline_set(&connection->front->deadlines, connection, DEADLINE_WRITE, clock_ns());
    return true;
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

void expiry_on_expired(struct connection *connection, enum deadline kind)
{
    if (came_in_time(connection, kind))
        return;
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
