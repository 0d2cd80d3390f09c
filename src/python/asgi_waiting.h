/* An awaitable that looks for something again whenever its exchange has changed. What it finds it takes in the same
 * step in which it gives it to the Task, so a Task that is cancelled meanwhile loses nothing. For asgi*.c alone;
 * py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_WAITING_H
#define TANDEM_PYTHON_ASGI_WAITING_H

#include "python/asgi_exchange.h"

enum look {
    LOOK_NOT_YET, /* the exchange is woken when it has changed */
    LOOK_DONE,    /* *value: a new reference */
    LOOK_FAILED,  /* an exception is set */
};

typedef enum look looker(struct asgi_exchange *exchange, PyObject *argument, PyObject **value);

/* Its type, a new reference; NULL with an exception set. */
PyObject *waiting_type(void);

/* Looks; where there is nothing yet, the awaitable does. A new reference; NULL with an exception set. */
PyObject *waiting_look(struct asgi_exchange *exchange, looker *look, PyObject *argument);

/* An awaitable that lets the event loop turn once: a new reference; NULL with an exception set. */
PyObject *waiting_turn(struct asgi_exchange *exchange);

/* The exchange has changed: all that wait look again. */
void waiting_wake(struct asgi_exchange *exchange);

#endif
