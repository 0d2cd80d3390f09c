/* A request on its way through tandem.
 *
 * Ownership: the io_thread's loop makes the request and fills the input. Once submitted, the model owns it, whatever
 * happens to the connection. Exactly one request_done returns it to its loop, which sends the reply and frees it. If
 * the client leaves or a timeout expires before that, the loop only forgets the client; the model still owns the
 * request.
 *
 * The input is a copy, and const once submitted: only the loop ever touches the connection. */
#ifndef TANDEM_CORE_REQUEST_H
#define TANDEM_CORE_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/inbox.h"
#include "core/reply.h"
#include "core/workload.h"

struct ws_channel;
struct loop;
struct model;
struct pipe;

enum { REQUEST_HEAD_INLINE = 512, ADDRESS_HOST_BYTES = 48 };

/* One end of a connection. */
struct address {
    char host[ADDRESS_HOST_BYTES]; /* an IPv4 or IPv6 address as text; "" if neither */
    uint16_t port;
};

struct request {
    union {                           /* in at most one list at a time: */
        STAILQ_ENTRY(request) listed; /* in a request_list */
        SLIST_ENTRY(request) freed;   /* in the loop's free_requests */
    };
    struct inbox_message answered; /* carries the request back to its loop */
    struct loop *loop;             /* the loop that made it, and to which it returns */
    void *client;                  /* LOOP only: the connection that waits for the answer; NULL: none any more */
    atomic_bool half_closed;       /* the client sends nothing more, and has perhaps left */
    atomic_bool given_up;          /* no client waits: the model need not start the handler */

    /* Input. */
    struct model *model;
    const struct workload *workload;
    unsigned workload_index;
    int64_t params[PARAMS_MAX]; /* as the workload declares them: numbers, or indexes of choices */
    const char *method;
    const char *target;         /* path and query, as sent */
    size_t mount_bytes;         /* the mount's prefix in target; the rest is the handler's path */
    struct address peer;        /* the client of a mount … */
    struct address local;       /* … and the address it connected to */
    uint8_t minor_version;      /* of HTTP/1.x: 0 or 1 */
    const char *content_type;   /* NULL: the head has none */
    uint64_t body_announced;    /* Content-Length; 0 if there is none */
    bool body_follows;          /* the head announces a body: Content-Length above 0, or chunked */
    bool closes;                /* the client wants the connection to end after the reply */
    bool expects_continue;      /* the client waits for 100 Continue before it sends the body */
    bool asks_websocket;        /* a websocket's opening handshake, if the handler takes websockets */
    struct ws_channel *channel; /* then: the handler's end, for it to take; its reply is 101 or a refusal */
    char *body;
    size_t body_bytes;
    size_t body_capacity;
    struct pipe *body_reader; /* the rest of the body: the handler's end, for it to take; NULL: none */
    bool streamed_in;         /* there was a body_reader */
    struct pipe *body_writer; /* LOOP only: the loop's end of it, while open */
    void (*let_go_of_streams)(struct request *request); /* LOOP, by request_free; set by stream/request_streams.c */
    size_t head_bytes;
    size_t fields_at; /* offset in head of the first field */
    char *head;       /* owned; the strings above point into it */
    char head_inline[REQUEST_HEAD_INLINE];

    /* Output, by the model. */
    struct reply reply;
    void *state;                     /* the handler's own, from its start to request_done, or to free_state */
    void (*free_state)(void *state); /* LOOP, by request_free; NULL: the request does not own state */

    /* Timestamps (base/clock.h), each set by the owner at that time; 0: not yet. gil_ns is a duration. */
    uint64_t received_ns;
    uint64_t submitted_ns;
    uint64_t started_ns;
    uint64_t finished_ns;
    uint64_t gil_ns;
};

/* LOOP. Returns a new request of this loop, owned, with room for head_bytes of head; NULL if memory ran out. */
struct request *request_new(struct loop *loop, size_t head_bytes);

/* LOOP. Takes the request and frees what it holds. The loop reuses its memory for another request. */
void request_free(struct request *request);

/* The owner. Returns the length of the path in target. */
size_t request_path_bytes(const struct request *request);

/* The owner. Returns the query, without its "?"; "" if there is none. Valid as long as the request. */
const char *request_query(const struct request *request);

/* The owner. Sets *out to the next field and advances *at, which starts at fields_at. False: there is no next field. */
bool request_next_field(const struct request *request, size_t *at, struct field *out);

/* The same for the fields of that name, ignoring case. */
bool request_next_field_named(const struct request *request, const char *name, size_t *at, struct field *out);

/* LOOP. Makes room for at least more bytes of the body. ERR_NOMEM leaves the body as it was. */
WARN_UNUSED enum err request_body_reserve(struct request *request, size_t more);

/* LOOP. Appends a copy to the body. ERR_NOMEM leaves the body as it was. */
WARN_UNUSED enum err request_body_append(struct request *request, const char *bytes, size_t length);

/* ANY thread, exactly once per submitted request: the reply is written, or nobody wants it. The loop owns the request
 * again, and may have freed it when this returns. */
void request_done(struct request *request);

/* LOOP. The client has left, or its timeout has expired: nobody wants the answer. */
void request_give_up(struct request *request);

/* ANY thread. True after request_give_up: a handler that has not started should not start. */
bool request_given_up(const struct request *request);

/* LOOP. The client has closed its side of the connection, or all of it: TCP does not tell these apart (RFC 9293, 3.6).
 */
void request_half_close(struct request *request);

/* ANY thread. True after request_half_close. */
bool request_half_closed(const struct request *request);

/* The owner. The handler failed: logs the formatted reason, and makes the reply a 500 that does not show it. */
void request_fail(struct request *request, const char *format, ...) PRINTF_LIKE(2, 3);

/* A list of requests, oldest first. Zeroed memory is an empty list. One thread at a time, or under the owner's lock. */
struct request_list {
    STAILQ_HEAD(requests, request) requests;
    unsigned count;
};

void request_list_push(struct request_list *list, struct request *request);
struct request *request_list_pop(struct request_list *list); /* NULL: the list is empty */

/* Moves all of other to the end of list; other is empty afterwards. */
void request_list_append(struct request_list *list, struct request_list *other);

#endif
