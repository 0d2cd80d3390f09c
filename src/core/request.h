/* A request on its way through tandem.
 *
 * Owners: the front's loop makes it and fills the input; submitting it to a model makes it the model's, whatever
 * becomes of the connection meanwhile; exactly one request_done gives it back to its loop, which sends the reply and
 * frees it. A request whose client has left, or whose time is over, is still the model's until then: its loop only
 * forgets the client.
 *
 * The input is a copy and const from submission on: no thread but the loop ever touches the connection. */
#ifndef TANDEM_CORE_REQUEST_H
#define TANDEM_CORE_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/note.h"
#include "core/reply.h"
#include "core/workload.h"

struct channel;
struct loop;
struct model;
struct pipe;

enum { REQUEST_HEAD_INLINE = 512, ADDRESS_HOST_BYTES = 48 };

/* One end of a connection. */
struct address {
    char host[ADDRESS_HOST_BYTES]; /* as IPv4 or IPv6 are written; "" where it is neither */
    uint16_t port;
};

/* A header field of a request, as sent: not strings. */
struct field {
    const char *name, *value;
    size_t name_bytes, value_bytes;
};

struct request {
    struct request *next;    /* in at most one list at a time */
    struct note answered;    /* on its way back to its loop */
    struct loop *loop;       /* the loop it returns to */
    void *client;            /* LOOP only: the connection that waits for it, NULL when none does any more */
    atomic_bool half_closed; /* the client sends nothing more, and has perhaps left */
    atomic_bool given_up;    /* for the model to see: no client waits, so what has not begun need not begin */

    /* Input. */
    struct model *model;
    const struct workload *workload;
    unsigned workload_index;
    int64_t params[PARAMS_MAX]; /* as declared by the workload: numbers, or indexes of choices */
    const char *method;
    const char *target;       /* as sent: path and query */
    size_t mount_bytes;       /* of target, of a mount: the way to it; what is behind is its handler's path */
    struct address peer;      /* of a mount's client … */
    struct address local;     /* … and what it connected to */
    uint8_t minor_version;    /* HTTP/1.0 or 1.1 */
    const char *content_type; /* NULL where the head has none */
    uint64_t body_announced;  /* Content-Length, 0 where there is none */
    bool body_follows;        /* the head announces a body, of a known length or chunked */
    bool expects_continue;    /* its client waits for 100 Continue before it sends the body */
    bool asks_websocket;      /* it is a websocket's opening handshake, if its handler takes websockets */
    struct channel *channel;  /* then: the handler's end of it, which it may take; its reply is 101 or a refusal */
    char *body;
    size_t body_bytes;
    size_t body_capacity;
    struct pipe *inflow; /* the handler's end of what is still to come of the body, which it may take; NULL: none */
    bool streamed_in;    /* there was such an end */
    struct pipe *feed;   /* LOOP only: the other end, while it is open */
    size_t head_bytes;
    size_t fields_at; /* of head: where its fields begin */
    char *head;       /* what the strings above point into */
    char head_inline[REQUEST_HEAD_INLINE];

    /* Output, by the model. */
    struct reply reply;
    void *state;                     /* the evented form's own, for the time between its start and request_done */
    void (*free_state)(void *state); /* LOOP, by request_free; NULL: state is not the request's */

    /* Moments, by whoever owns it then (base/clock.h); gil_ns is a duration. */
    uint64_t received_ns;
    uint64_t submitted_ns;
    uint64_t started_ns;
    uint64_t finished_ns;
    uint64_t gil_ns;
};

/* LOOP. A fresh request of this loop with room for head_bytes of head; NULL where memory ran out. Returns owned. */
struct request *request_new(struct loop *loop, size_t head_bytes);

/* LOOP. Takes the request and frees what it holds; its memory serves the loop's next one. */
void request_free(struct request *request);

/* The owner. How much of the target is the path; what follows its ?, "" where nothing does. */
size_t request_path_bytes(const struct request *request);
const char *request_query(const struct request *request);

/* The owner. The next field behind *at, which is fields_at at first. False: there is none. */
bool request_next_field(const struct request *request, size_t *at, struct field *out);

/* The same, of the fields of that name, whatever its case. */
bool request_next_field_named(const struct request *request, const char *name, size_t *at, struct field *out);

/* LOOP. Makes room for so much more of the body. */
WARN_UNUSED enum err request_body_reserve(struct request *request, size_t more);

/* LOOP. Appends to the body. */
WARN_UNUSED enum err request_body_append(struct request *request, const char *bytes, size_t length);

/* ANY thread, exactly once per submitted request: the answer is in, the request is its loop's again. */
void request_done(struct request *request);

/* LOOP. The client has left, or its time is over. */
void request_give_up(struct request *request);

/* ANY thread. Whether that has happened: then a handler that has not begun is not to begin. */
bool request_given_up(const struct request *request);

/* LOOP. The client has closed its side of the connection; or all of it, which cannot be told from that (RFC 9293, 3.6).
 */
void request_half_close(struct request *request);

/* ANY thread. Whether that has happened. */
bool request_half_closed(const struct request *request);

/* The owner. The handler failed: the sentence goes to the log, a 500 without it to the client. */
void request_fail(struct request *request, const char *format, ...) PRINTF_LIKE(2, 3);

/* LOOP, before it is submitted. What comes of the body from now on goes through a pipe, behind what has come.
 * on_room(owner): see core/pipe.h. */
WARN_UNUSED enum err request_open_inflow(struct request *request, void (*on_room)(void *owner), void *owner);

/* LOOP. Ends it, if it is open. whole: all of the body has come. */
void request_end_inflow(struct request *request, bool whole);

/* A list of requests, oldest first. Zeroed memory is empty. One thread, or the list's own lock. */
struct request_list {
    struct request *first;
    struct request *last;
    unsigned count;
};

void request_list_push(struct request_list *list, struct request *request);
struct request *request_list_pop(struct request_list *list); /* NULL where empty */

/* Moves all of other behind list; other is empty afterwards. */
void request_list_append(struct request_list *list, struct request_list *other);

#endif
