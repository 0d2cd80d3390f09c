/* A websocket's exchange (ASGI 3, "WebSocket"): its request is given back when the app has accepted or refused; the
 * messages go through its channel (core/channel.h). For asgi*.c alone; py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_WEBSOCKET_H
#define TANDEM_PYTHON_ASGI_WEBSOCKET_H

#include "python/asgi_exchange.h"

/* await receive(), await send(event): methods of an exchange that has a channel. */
PyObject *asgi_websocket_receive(PyObject *self, PyObject *unused);
PyObject *asgi_websocket_send(PyObject *self, PyObject *message);

/* The call has ended: with an exception, which is set, or without. */
void asgi_websocket_end(struct asgi_exchange *exchange);

#endif
