/* A connection: a socket that libmicrohttpd serves, what the guard holds back of its bytes, and the one exchange of
 * request and reply that is going on. LOOP only, all of it.
 *
 * Made when libmicrohttpd takes the socket, freed when it closes it (NOTIFY_CONNECTION). Who fills which part: guard.c
 * reads and checks; exchange.c answers; deadline.c watches the time. */
#ifndef TANDEM_HTTP_CONNECTION_H
#define TANDEM_HTTP_CONNECTION_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/buf.h"
#include "core/request.h"
#include "http/aside.h"
#include "http/framing.h"
#include "http/head.h"

struct front;
struct websocket;

/* The time limits of a connection; at each moment one of them runs. */
enum deadline {
    DEADLINE_HEADER,  /* for a whole head: from accept, or from the next head's first byte */
    DEADLINE_BODY,    /* for a whole body: from the head's end */
    DEADLINE_HANDLER, /* for the answer: from submission */
    DEADLINE_WRITE,   /* for the client to take the response */
    DEADLINE_SETTLED, /* between two requests for so long that it pays to look whether the client closed its side */
    DEADLINE_IDLE,    /* for the next request's first byte: from then */
    DEADLINE_COUNT,
    DEADLINE_NOT = DEADLINE_COUNT,
};

/* Where the exchange stands. */
enum stage {
    STAGE_NONE,      /* no request begun */
    STAGE_READING,   /* libmicrohttpd has its head; the body is coming in */
    STAGE_PENDING,   /* the model's; libmicrohttpd asks for the answer at every run */
    STAGE_SUSPENDED, /* the model's; libmicrohttpd has put the connection aside */
    STAGE_ANSWERED,  /* the reply is in, and goes out when libmicrohttpd asks next */
    STAGE_WRITING,   /* libmicrohttpd is sending it */
};

/* A refusal that the guard sends by itself, and closes the connection behind it. */
struct fault {
    unsigned status; /* 0: none */
    enum refusal refusal;
    const char *reason;
};

struct connection {
    struct front *front;
    struct MHD_Connection *mhd;
    int fd;

    /* The guard's: what was read and not passed on, and what of it was understood. */
    struct buf held;
    struct head head;
    struct framing framing;
    struct aside aside;
    struct request *filling;   /* whose body is coming in; NULL: nobody's, or one that nobody wants */
    bool paused;               /* its handler is behind: nothing more of the body is read */
    bool unpaused;             /* nor will it be waited for again */
    bool cut;                  /* there is an answer already: the rest of the body is not read */
    struct request_list heads; /* passed on, not begun by libmicrohttpd */
    size_t heads_bytes;        /* of those */
    bool heads_full;           /* they are as much as may be, so there may be more to read */
    bool upgrading;            /* the latest of them may end HTTP here: what comes behind it is held */
    unsigned whole;            /* requests passed on to their last byte, and not completed */
    bool end_of_input;
    bool closing; /* nothing more is read or passed on: libmicrohttpd is to close it */
    bool linger;  /* its client may still be sending: see linger.h */
    struct fault fault;
    bool kicked;
    struct connection *next_kicked;

    /* The exchange. */
    enum stage stage;
    unsigned polls; /* how often libmicrohttpd asked in vain */
    struct request *request;
    uint64_t returned_ns;
    bool half_closed;            /* the client's side has ended, which the handler knows: see hangup.h */
    bool reset;                  /* the client is gone, or let go: libmicrohttpd is to close it */
    uv_poll_t *hangup;           /* NULL: was never needed */
    struct websocket *websocket; /* that the request opens, or has opened; NULL: none */

    enum deadline deadline;
    uint64_t deadline_ns;
    struct connection *deadline_before, *deadline_after;

    struct address peer, local; /* port 0: not looked up yet */

    struct connection *before, *after; /* the front's list */
};

/* LOOP, in libmicrohttpd's NOTIFY_CONNECTION. A new connection of the front; NULL where memory ran out. */
struct connection *connection_new(struct front *front, struct MHD_Connection *mhd);

/* LOOP, in NOTIFY_CONNECTION. Takes the connection; no exchange is going on, and guard_free and hangup_free have
 * freed what is theirs. */
void connection_free(struct connection *connection);

/* Where its client is, and what that connected to. */
void connection_addresses(struct connection *connection, struct address *peer, struct address *local);

/* Something without a known end is to be sent: limits what the kernel takes for a client which takes none, else it is
 * megabytes. */
void connection_limit_unsent(const struct connection *connection);

/* Has libmicrohttpd read from the connection even where epoll has nothing to say of it, as soon as it stands between
 * two requests or in the middle of a body: what it reads then is the guard's to say. */
void connection_kick(struct connection *connection);

/* Between runs of libmicrohttpd. Carries out the kicks of this front. */
void connection_carry_out_kicks(struct front *front);

/* Ends the connection once what was passed on is answered. */
void connection_close(struct connection *connection);

/* Ends the connection with this refusal, once what was passed on whole before it is answered. reason: a literal. */
void connection_refuse(struct connection *connection, unsigned status, enum refusal refusal, const char *reason);

/* The same where memory ran out. */
void connection_out_of_memory(struct connection *connection);

#endif
