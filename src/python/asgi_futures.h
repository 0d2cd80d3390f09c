/* Futures of an exchange that the app awaits: lists, NULL where there are none. An awaited one may be cancelled at any
 * time. py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_FUTURES_H
#define TANDEM_PYTHON_ASGI_FUTURES_H

#include "python/asgi_exchange.h"

/* Whether somebody awaits one of the Futures; forgets those that nobody does any more: they were cancelled. */
bool futures_are_awaited(const struct asgi *asgi, PyObject *futures);

/* One more Future to be awaited, each call has its own: a new reference; NULL: an exception is set. */
PyObject *futures_add(const struct asgi *asgi, PyObject **futures);

/* Gives the first of the Futures, which somebody awaits, its result, and forgets it. */
void futures_resolve_first(const struct asgi *asgi, PyObject *futures, PyObject *value);

/* Gives all their result, and forgets them. */
void futures_resolve_all(const struct asgi *asgi, PyObject **futures, PyObject *value);

#endif
