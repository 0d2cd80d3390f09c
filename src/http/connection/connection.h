/* A connection: a socket that libmicrohttpd serves, the bytes that the request filter holds back, and the current
 * exchange of request and reply. LOOP only.
 *
 * A connection is made when libmicrohttpd takes the socket, and freed when libmicrohttpd closes it (NOTIFY_CONNECTION).
 * http/request reads and checks, http/exchange answers, and timeouts.c watches the time. */
#ifndef TANDEM_HTTP_CONNECTION_CONNECTION_H
#define TANDEM_HTTP_CONNECTION_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "core/request.h"
#include "http/parse/body_framing.h"
#include "http/parse/head_parser.h"
#include "http/parse/pending_bytes.h"

struct io_thread;
struct websocket;

/* The time limits of a connection. At most one of them runs at a time. */
enum timeout {
    TIMEOUT_HEADER,  /* for a whole head: from the connection's start, or from the next head's first byte */
    TIMEOUT_BODY,    /* for a whole body: from the head's end */
    TIMEOUT_HANDLER, /* for the answer: from submission */
    TIMEOUT_WRITE,   /* for the client to take the response, or a piece of a stream */
    TIMEOUT_SETTLED, /* 10 ms between two requests: then it pays to look whether the client has closed its side */
    TIMEOUT_IDLE,    /* for the next request's first byte: from the end of TIMEOUT_SETTLED */
    TIMEOUT_COUNT,
    TIMEOUT_NOT = TIMEOUT_COUNT,
};

/* The state of the exchange. */
enum stage {
    STAGE_NONE,      /* no request has begun */
    STAGE_READING,   /* libmicrohttpd has the head; the body is coming in */
    STAGE_PENDING,   /* the model has the request; libmicrohttpd asks for the answer at every run */
    STAGE_SUSPENDED, /* the model has the request; libmicrohttpd has suspended the connection */
    STAGE_ANSWERED,  /* the reply is there, and goes out when libmicrohttpd next asks */
    STAGE_WRITING,   /* libmicrohttpd is sending the reply */
};

/* A refusal that the request filter sends by itself. The connection closes after it. */
struct fault {
    unsigned status; /* 0: none */
    enum refusal refusal;
    const char *reason; /* a literal */
};

struct connection {
    struct io_thread *io_thread;
    struct MHD_Connection *mhd;
    int fd;

    /* The request filter's. */
    struct buf held; /* read, and not yet passed on to libmicrohttpd */
    struct head head;
    struct body_framing body_framing;
    struct pending_bytes pending_bytes;
    struct request *filling;   /* whose body is coming in; NULL: no body is, or nobody wants it */
    bool paused;               /* the handler has not taken enough of the body: no more is read */
    bool unpaused;             /* the rest of the body is read without waiting for the handler */
    bool cut;                  /* the reply is there already: the rest of the body is not read */
    struct request_list heads; /* passed on to libmicrohttpd, and not yet begun there */
    size_t heads_bytes;        /* the size of heads */
    bool heads_full;           /* no further head is passed on for now, so there may be more to read */
    bool upgrading;            /* the latest head may end HTTP here: the bytes after it are held */
    unsigned whole;            /* requests passed on to their last byte, and not yet completed */
    bool end_of_input;
    bool closing; /* nothing more is read or passed on: libmicrohttpd is to close the connection */
    bool linger;  /* the client may still be sending: see lingering_close.h */
    struct fault fault;
    bool kicked;
    struct connection *next_kicked;

    /* The exchange. */
    enum stage stage;
    unsigned polls; /* how often libmicrohttpd has asked for the answer in vain */
    struct request *request;
    uint64_t returned_ns;
    bool half_closed; /* the client's side has ended, and the handler was told: see disconnect_watch.h */
    bool reset;       /* the client has left, or its stream was broken off: libmicrohttpd is to close the connection */
    uv_poll_t *disconnect_watch; /* NULL: not needed so far */
    struct websocket *websocket; /* that the request is to open, or has opened; NULL: none */

    enum timeout timeout;
    uint64_t timeout_at_ns;
    struct connection *timeout_before, *timeout_after;

    struct address peer, local; /* port 0: not looked up yet */

    struct connection *before, *after; /* the I/O thread's list */
};

/* In libmicrohttpd's NOTIFY_CONNECTION. Makes a connection of the I/O thread. NULL: memory ran out. */
struct connection *connection_new(struct io_thread *io_thread, struct MHD_Connection *mhd);

/* In NOTIFY_CONNECTION. Takes the connection, which must have no exchange. Comes after request_filter_free and
 * disconnect_watch_free. */
void connection_free(struct connection *connection);

/* Copies the client's address, and the local one that it connected to. An unknown address is empty. */
void connection_addresses(struct connection *connection, struct address *peer, struct address *local);

/* Limits the unsent bytes that the kernel keeps for the client, before something without a known end is sent. Otherwise
 * the kernel would take megabytes for a client that reads nothing. */
void connection_limit_unsent(const struct connection *connection);

/* Makes libmicrohttpd read from the connection in its next run, even if epoll reports nothing. The request filter
 * decides what that read returns. Without effect while libmicrohttpd is neither between two requests nor in a body. */
void connection_kick(struct connection *connection);

/* Between runs of libmicrohttpd. Carries out the kicks of this I/O thread. */
void connection_carry_out_kicks(struct io_thread *io_thread);

/* Ends the connection once the requests that were passed on are answered. */
void connection_close(struct connection *connection);

/* Ends the connection with this refusal, once the whole requests before it are answered. Takes effect at the next read:
 * a caller outside the request filter must also kick. reason: a literal. */
void connection_refuse(struct connection *connection, unsigned status, enum refusal refusal, const char *reason);

/* Refuses with a 503, since memory ran out. */
void connection_out_of_memory(struct connection *connection);

#endif
