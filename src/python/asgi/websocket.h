/* A websocket's exchange (ASGI 3, "WebSocket"). Its request is given back as soon as the app has accepted or refused.
 * Messages go through its channel (stream/ws_channel.h). Private to python/asgi; py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_WEBSOCKET_H
#define TANDEM_PYTHON_ASGI_WEBSOCKET_H

#include "python/asgi/exchange.h"

/* The methods await receive() and await send(event) of an exchange that has a channel. */
PyObject *asgi_websocket_receive(PyObject *self, PyObject *unused);
PyObject *asgi_websocket_send(PyObject *self, PyObject *message);

/* Handles an event that is sent before the app has accepted or refused, and so accepts or refuses. False: an exception
 * is set. (websocket_accept.c, like the functions below) */
bool asgi_websocket_answer(struct asgi_exchange *exchange, PyObject *type, PyObject *message);

/* Answers the handshake with 403. The exchange has the request. */
void asgi_websocket_refuse(struct asgi_exchange *exchange);

/* True if an event's type is name. */
bool asgi_websocket_is(PyObject *type, const char *name);

/* Sets *value to the value of an event's key, borrowed; NULL if it is missing or None. False: an exception is set. */
bool asgi_websocket_read_key(PyObject *message, const char *key, PyObject **value);

/* Raises ConnectionResetError: the client has left. ASGI requires an OSError. Returns false. */
bool asgi_websocket_raise_lost(void);

/* Lets go of the exchange's channel. */
void asgi_websocket_let_go(struct asgi_exchange *exchange);

/* Ends the websocket after its call, which has ended with an exception set or without one. Answers the request, if the
 * app did not; closes the channel and lets go of it. (websocket.c) */
void asgi_websocket_end(struct asgi_exchange *exchange);

#endif
