/* An exchange: a request and the app's call for it. Private to python/asgi. All functions run on py-asyncio's thread,
 * with the GIL held, unless they say otherwise. */
#ifndef TANDEM_PYTHON_ASGI_EXCHANGE_H
#define TANDEM_PYTHON_ASGI_EXCHANGE_H

#include <stdatomic.h>

#include "python/app/response_head.h"
#include "python/asgi/call.h"
#include "python/asgi/scope.h"
#include "stream/pipe.h"

enum { ASGI_SPARES = 64 };

struct asgi {
    struct python_thread *thread;
    unsigned long thread_id; /* of PyThread_get_thread_ident */
    PyObject *app;
    struct scopes scopes;
    PyObject *event_loop;
    PyObject *ready_awaitable_type, *waiting_type, *exchange_type;
    PyObject *nothing;      /* a ready awaitable of None */
    PyObject *disconnected; /* the http.disconnect event, which is copied for each use */
    PyObject *type, *status, *headers, *body, *more_body, *create_future, *set_result, *done, *bytes, *text; /* names */
    void (*post)(void *owner, struct inbox_message *inbox_message);
    void *owner;
    struct buf piece;   /* scratch: a piece of a request's body, between the pipe and its bytes object */
    unsigned exchanges; /* exchanges alive; the app may keep some longer than it should */
    struct asgi_exchange
        *spares[ASGI_SPARES]; /* exchanges that ended and that the app did not keep, for further calls */
    unsigned spare_count;
    bool closed;
};

/* The stages of a websocket's exchange; WEBSOCKET_NOT is a plain HTTP exchange. In WEBSOCKET_REFUSED the channel is
 * gone, and the refusal is sent as an HTTP response. */
enum websocket_stage { WEBSOCKET_NOT, WEBSOCKET_ASKED, WEBSOCKET_ACCEPTED, WEBSOCKET_CLOSED, WEBSOCKET_REFUSED };

enum asgi_exchange_stage { EXCHANGE_START, EXCHANGE_BODY, EXCHANGE_COMPLETE };

struct asgi_exchange {
    PyObject ob_base;
    struct asgi *asgi;       /* NULL: a spare one */
    PyObject *receive;       /* the methods receive() and send() of this exchange, which hold it in turn … */
    PyObject *send;          /* … until asgi_exchange_close */
    struct request *request; /* NULL after it was given back */
    uint64_t waited_ns;
    enum asgi_exchange_stage stage;
    struct response_head head;
    uint64_t sent_bytes;
    PyObject *body; /* the part of the request's body that was there at first; NULL after receive has returned it */
    struct pipe *body_reader; /* the pipe for the rest of the body; NULL: none, or at its end */
    unsigned owed;            /* references of ended pipes and channels that the delivery of inbox_message drops */
    bool disconnected;        /* the client has left, or the request's body broke off */
    bool half_closed;         /* the client sends nothing more; receive says so, but the response still goes out */
    struct pipe *pipe;        /* the body of a streamed response; NULL: not streamed, or at its end */
    PyObject *waiters;        /* a list of Futures (waiting.h); NULL: none */
    struct inbox_message inbox_message; /* posted when a pipe or the channel has changed */
    atomic_bool message_posted;         /* inbox_message is under way; the exchange lives until its delivery */

    /* Websockets only. */
    enum websocket_stage websocket;
    struct ws_channel *channel;
    PyObject *subprotocols; /* a list: the subprotocols that the client offers */
};

/* Returns the type of exchanges, a new reference; NULL with an exception set. */
PyObject *asgi_exchange_type(void);

/* Returns an exchange, a spare one if there is one, which the caller owns until asgi_exchange_close. NULL with an
 * exception set, and the request is still the caller's. Takes the request's body, its body_reader and its channel.
 * waited_ns: as for asgi_call. */
struct asgi_exchange *asgi_exchange_open(struct asgi *asgi, struct request *request, uint64_t waited_ns);

/* The call has ended. Takes the exchange. It becomes a spare one if nobody else holds it or its methods. */
void asgi_exchange_close(struct asgi_exchange *exchange);

/* Frees the spare exchanges. */
void asgi_exchange_free_spares(struct asgi *asgi);

/* True if the calling thread is not the event loop's: one of the app's has called receive() or send(). */
static inline bool asgi_elsewhere(const struct asgi *asgi)
{
    return PyThread_get_thread_ident() != asgi->thread_id;
}

/* Decrements asgi->exchanges; a closed asgi is freed when it reaches 0. */
void asgi_exchange_let_go(struct asgi *asgi);

/* Handles a call that failed; an exception is set, and is cleared. If the client has left, nothing is reported. Else
 * the exception becomes the reply, or goes to the log if the request was given back before. Gives the request back. */
void asgi_exchange_fail(struct asgi_exchange *exchange);

/* Notes that the client has left, and wakes all that wait. */
void asgi_exchange_disconnect(struct asgi_exchange *exchange);

/* Notes that the response is complete: receive then returns http.disconnect at once. */
void asgi_exchange_complete(struct asgi_exchange *exchange);

/* Gives the request back to its loop; its reply is written. */
void asgi_exchange_give_back(struct asgi_exchange *exchange);

/* Has the pipe post inbox_message on each change. From then on the pipe holds a reference to the exchange.
 * asgi_exchange_pipe_ended drops that reference, after the end of a pipe or channel. */
void asgi_exchange_hold_for_pipe(struct asgi_exchange *exchange, struct pipe *pipe);
void asgi_exchange_pipe_ended(struct asgi_exchange *exchange);

/* Ends the request's pipe, if there is one: the body was read to its end, broke off, or is no longer wanted.
 * (receive.c) */
void asgi_exchange_end_body(struct asgi_exchange *exchange);

/* Makes the response a stream, and gives the request back. False: an exception is set. asgi_exchange_end_pipe ends that
 * stream, if there is one; whole: the body is complete. */
bool asgi_exchange_open_pipe(struct asgi_exchange *exchange);
void asgi_exchange_end_pipe(struct asgi_exchange *exchange, bool whole);

/* Returns the type of the app's event, borrowed; NULL: an exception is set. (send.c) */
PyObject *asgi_exchange_event_type(const struct asgi *asgi, PyObject *message);

/* Returns an awaitable of None that is done when the response's pipe has room. A new reference; NULL: an exception is
 * set. (send.c) */
PyObject *asgi_exchange_wait_for_room(struct asgi_exchange *exchange);

/* Handle http.response.start, the headers in it, and http.response.body. *full becomes true if the app must wait for
 * room in the pipe. False: an exception is set. (send.c) */
bool asgi_exchange_start_response(struct asgi_exchange *exchange, PyObject *message);
bool asgi_exchange_read_headers(struct response_head *head, PyObject *headers);
bool asgi_exchange_send_body(struct asgi_exchange *exchange, PyObject *message, bool *full);

/* Sends the started response with an empty body. The exchange has the request. False: an exception is set. (send.c) */
bool asgi_exchange_send_empty(struct asgi_exchange *exchange);

/* The methods await receive() and await send(event) of an exchange (receive.c, send.c). Any thread with the GIL may
 * call them; the work is done on py-asyncio's thread. */
PyObject *asgi_exchange_receive(PyObject *self, PyObject *unused);
PyObject *asgi_exchange_send(PyObject *self, PyObject *message);

#endif
