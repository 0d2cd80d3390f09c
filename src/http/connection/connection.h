/* A connection: a socket that libmicrohttpd serves, the bytes that the request filter holds back, those that the kernel
 * has not taken, and the current exchange of request and reply. LOOP only.
 *
 * A connection is made when libmicrohttpd takes the socket, and freed when libmicrohttpd closes it (NOTIFY_CONNECTION).
 * http/request reads and checks, http/exchange answers, and timeouts.c watches the time. */
#ifndef TANDEM_HTTP_CONNECTION_CONNECTION_H
#define TANDEM_HTTP_CONNECTION_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/buf.h"
#include "core/request.h"
#include "http/parse/body_framing.h"
#include "http/parse/head_parser.h"
#include "http/parse/pending_bytes.h"

struct connection;
struct io_thread;
struct websocket;

/* The time limits of a connection. At most one of them runs at a time. */
enum timeout {
    TIMEOUT_HEADER,  /* for a whole head: from the connection's start, or the head's first byte after an exchange */
    TIMEOUT_BODY,    /* for a whole body: from the start of its exchange, or from an early answer by a stream */
    TIMEOUT_HANDLER, /* for the answer: from submission, or from the latest piece of a streamed body */
    TIMEOUT_WRITE,   /* for the client to take the response, or a piece of a stream */
    TIMEOUT_SETTLED, /* 10 ms between two requests: then it pays to look whether the client has closed its side */
    TIMEOUT_IDLE,    /* for the next request's first byte: from the end of TIMEOUT_SETTLED */
    TIMEOUT_COUNT,
    TIMEOUT_NOT = TIMEOUT_COUNT,
};

/* What becomes of the bytes that the client sends. docs/connection.md draws the transitions. */
enum input {
    INPUT_OPEN,        /* they are read; heads and bodies are passed on */
    INPUT_PAUSED,      /* in a body: not read, since the handler has not taken enough of it */
    INPUT_UNTHROTTLED, /* in a body: the rest is read without waiting for the handler */
    INPUT_UPGRADING,   /* not read: the latest head may end HTTP on this connection */
    INPUT_CUT,         /* in a body: the rest is not read, since the reply is there already */
    INPUT_REFUSED,     /* not read: the refusal goes out after the replies to the whole requests before it */
    INPUT_ENDED,       /* no more bytes come: the client has closed its side, or a drain ignores what follows */
    INPUT_CLOSING,     /* not read: libmicrohttpd is to close the connection after the current exchange */
    INPUT_COUNT,
};

/* How far the exchange of request and reply has come. */
enum stage {
    STAGE_NONE,      /* no request has begun */
    STAGE_READING,   /* libmicrohttpd has the head; the body is coming in */
    STAGE_PENDING,   /* the model has the request; once the body is whole, libmicrohttpd asks at every run */
    STAGE_SUSPENDED, /* the model has the request; libmicrohttpd has suspended the connection */
    STAGE_ANSWERED,  /* the reply is there, and goes out when libmicrohttpd next asks */
    STAGE_WRITING,   /* the reply goes out; libmicrohttpd has suspended the connection, or is about to */
    STAGE_SENT,      /* the kernel has the last byte; libmicrohttpd is told when it next asks */
    STAGE_BROKEN,    /* the reply cannot be sent to its end: libmicrohttpd is to close the connection */
    STAGE_LEFT,      /* the client has left, and the request was abandoned: libmicrohttpd is to close the connection */
    STAGE_COUNT,
};

/* A refusal that the request filter sends by itself. The connection closes after it. */
struct fault {
    unsigned status;
    enum refusal refusal;
    const char *reason; /* a literal */
};

/* A body that follows the bytes of a head. */
struct output_body {
    const char *bytes; /* NULL: the body is left bytes of file, from at */
    uint64_t left;
    int file;
    uint64_t at;
};

/* What is to be sent and was not yet: first head, then body. */
struct output {
    struct buf head;
    struct output_body body; /* borrowed from the reply */

    /* See output_wait in http/wire/output.h. failed: not all of it could be sent. */
    void (*on_end)(struct connection *connection, bool failed);
};

/* Each field is written by the files of the folder that heads its part, and read by all of src/http. ./dev lint checks
 * that. The three booleans are independent of both states; each says why. */
struct connection {
    /* http/connection */
    struct io_thread *io_thread;
    struct MHD_Connection *mhd;
    int fd;
    enum input input;
    enum stage stage;
    struct fault fault; /* of INPUT_REFUSED; status 0: it was sent, or is being sent */
    bool linger; /* the close must linger: see lingering_close.h. It is about the socket, once both states have ended */
    bool kicked; /* see connection_kick. Any connection may be in this list, in any state, until the next daemon run */
    SLIST_ENTRY(connection) kicked_link;
    uv_poll_t *watch; /* see socket_watch.h. NULL: not needed so far */
    enum timeout timeout;
    uint64_t timeout_at_ns;
    TAILQ_ENTRY(connection) timeout_link;
    struct address peer, local;  /* port 0: not looked up yet */
    LIST_ENTRY(connection) link; /* in the I/O thread's connections */

    /* http/wire */
    struct output output;

    /* http/request */
    struct buf held; /* read, and not yet passed on to libmicrohttpd */
    struct head head;
    struct body_framing body_framing;
    struct pending_bytes pending_bytes;
    struct request *filling;   /* the request whose body is coming in; NULL: there is none, or nobody wants it */
    struct request_list heads; /* passed on to libmicrohttpd, and not yet begun there */
    size_t heads_bytes;        /* the size of heads */
    bool heads_full; /* no further head was passed on, for lack of room, so there may be more to read. It is about heads
                        that wait, which says nothing about the input after them */
    unsigned whole;  /* requests passed on to their last byte, and not yet completed */

    /* http/exchange */
    struct request *request;
    unsigned polls;                /* how often libmicrohttpd has asked for the answer in vain */
    uint64_t returned_ns, sent_ns; /* when the reply began to go out, and when the kernel had its last byte */

    /* http/websocket */
    struct websocket *websocket; /* that the request is to open, or has opened; NULL: none */
};

/* In libmicrohttpd's NOTIFY_CONNECTION. Makes a connection of the I/O thread. NULL: memory ran out. */
struct connection *connection_new(struct io_thread *io_thread, struct MHD_Connection *mhd);

/* In NOTIFY_CONNECTION. Takes the connection, which must have no exchange. Comes after request_filter_free and
 * socket_watch_free. */
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
 * a caller outside the request filter must also kick. Without effect where transition.c allows no INPUT_REFUSED.
 * reason: a literal. */
void connection_refuse(struct connection *connection, unsigned status, enum refusal refusal, const char *reason);

/* Returns the refusal that is to be sent, and forgets it. */
struct fault connection_take_fault(struct connection *connection);

/* Makes the close linger, since the client may still be sending: see lingering_close.h. */
void connection_linger(struct connection *connection);

/* Refuses with a 503, since memory ran out. */
void connection_out_of_memory(struct connection *connection);

#endif
