/* A websocket's exchange (ASGI 3, "WebSocket"): its request is given back when the app has accepted or refused; the
 * messages go through its channel (core/channel.h). For asgi*.c alone; py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_WEBSOCKET_H
#define TANDEM_PYTHON_ASGI_WEBSOCKET_H

#include "python/asgi_exchange.h"

/* await receive(), await send(event): methods of an exchange that has a channel. */
PyObject *asgi_websocket_receive(PyObject *self, PyObject *unused);
PyObject *asgi_websocket_send(PyObject *self, PyObject *message);

/* send(event) before it was accepted: accepts or refuses. False: an exception is set. (asgi_websocket_answer.c, and
 * what follows) */
bool websocket_answer(struct asgi_exchange *exchange, PyObject *type, PyObject *message);

/* Whether an event is of this type. */
bool websocket_is(PyObject *type, const char *name);

/* The value of an event's key, borrowed; NULL where it has none, or it is None. False: an exception is set. */
bool websocket_read_key(PyObject *message, const char *key, PyObject **value);

/* Sets the exception that says that the client is not there any more: ASGI wants an OSError. Returns false. */
bool websocket_raise_lost(void);

/* The exchange has no channel any more. */
void websocket_let_go(struct asgi_exchange *exchange);

/* The call has ended: with an exception, which is set, or without. */
void asgi_websocket_end(struct asgi_exchange *exchange);

#endif
