/* Exchanges: a request and the app's call of it. For asgi*.c alone. py-asyncio's thread, the GIL held, but where it
 * says otherwise. */
#ifndef TANDEM_PYTHON_ASGI_EXCHANGE_H
#define TANDEM_PYTHON_ASGI_EXCHANGE_H

#include <stdatomic.h>

#include "core/pipe.h"
#include "python/asgi.h"
#include "python/asgi_scope.h"
#include "python/response_head.h"

struct asgi {
    struct python_thread *thread;
    PyObject *app;
    struct scopes scopes;
    PyObject *event_loop;
    PyObject *ready_type, *waiting_type, *exchange_type;
    PyObject *nothing;      /* an awaitable that gives None */
    PyObject *disconnected; /* the event */
    PyObject *type, *status, *headers, *body, *more_body, *create_future, *set_result, *done, *bytes, *text; /* names */
    void (*post)(void *owner, struct note *note);
    void *owner;
    struct buf piece;   /* of a request's body, between the pipe and its bytes object */
    unsigned exchanges; /* that there are; the app may keep some longer than it should */
    bool closed;
};

/* What a websocket's exchange is, while it has a channel; without one it is a refusal, sent as a response. */
enum websocket_stage { WEBSOCKET_NOT, WEBSOCKET_ASKED, WEBSOCKET_ACCEPTED, WEBSOCKET_CLOSED, WEBSOCKET_REFUSED };

enum exchange_stage { EXCHANGE_START, EXCHANGE_BODY, EXCHANGE_COMPLETE };

struct asgi_exchange {
    PyObject ob_base;
    struct asgi *asgi;
    struct request *request; /* NULL once it has been given back */
    uint64_t waited_ns;
    enum exchange_stage stage;
    struct response_head head;
    uint64_t sent_bytes;
    PyObject *body;      /* of the request, what came with its head; NULL once it was given */
    struct pipe *inflow; /* the rest of it; NULL: there is none, or it was given */
    unsigned owed;       /* references of pipes that have ended while the note was under way: its delivery drops them */
    bool disconnected;   /* the client has left */
    bool half_closed;    /* or sends nothing more: the app is told the same, but what it sends goes out */
    struct pipe *pipe;   /* the response's body, where it is a stream */
    PyObject *waiters;   /* a list of Futures (asgi_waiting.h); NULL: none */
    struct note note;    /* that something of the pipe, or of the channel, has changed */
    atomic_bool noted;   /* it is under way, and holds the exchange */

    /* Of a websocket. */
    enum websocket_stage websocket;
    struct channel *channel;
    PyObject *subprotocols; /* a list: what its client offers */
};

/* Its type, a new reference; NULL with an exception set. */
PyObject *exchange_type(void);

/* A new reference; NULL with an exception set. */
struct asgi_exchange *exchange_new(struct asgi *asgi, struct request *request, uint64_t waited_ns);

/* One exchange less keeps the asgi. */
void exchange_let_go(struct asgi *asgi);

/* The call ended without a whole response. An exception is set. */
void exchange_fail(struct asgi_exchange *exchange);

/* The client has left. */
void exchange_disconnect(struct asgi_exchange *exchange);

/* The response is whole: receive has nothing to wait for any more. */
void exchange_complete(struct asgi_exchange *exchange);

/* The reply is written: the request goes back to its loop. */
void exchange_give_back(struct asgi_exchange *exchange);

/* A pipe is open from now on, whose changes are the exchange's note; it has let go of the exchange, after its end. */
void exchange_hold_for_pipe(struct asgi_exchange *exchange, struct pipe *pipe);
void exchange_pipe_ended(struct asgi_exchange *exchange);

/* Nothing more of the request's body is wanted, or comes. */
void exchange_end_inflow(struct asgi_exchange *exchange);

/* The response is a stream from now on, and the request is given back. False: an exception is set. */
bool exchange_open_pipe(struct asgi_exchange *exchange);
void exchange_end_pipe(struct asgi_exchange *exchange, bool whole);

/* What an event of the app says it is, borrowed; NULL: an exception is set. (asgi_send.c) */
PyObject *exchange_event_type(const struct asgi *asgi, PyObject *message);

/* An awaitable that gives None when the response's pipe has room: a new reference; NULL: an exception is set.
 * (asgi_send.c) */
PyObject *exchange_wait_for_room(struct asgi_exchange *exchange);

/* http.response.start, and the headers in it; http.response.body, *full: it is to be awaited. False: an exception is
 * set. (asgi_send.c) */
bool exchange_start_response(struct asgi_exchange *exchange, PyObject *message);
bool exchange_read_headers(struct response_head *head, PyObject *headers);
bool exchange_send_body(struct asgi_exchange *exchange, PyObject *message, bool *full);

/* await receive(), await send(event) (asgi_receive.c, asgi_send.c): methods of an exchange. */
PyObject *exchange_receive(PyObject *self, PyObject *unused);
PyObject *exchange_send(PyObject *self, PyObject *message);

#endif
