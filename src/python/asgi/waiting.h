/* An awaitable that looks for something again whenever its exchange has changed. It takes what it finds in the same
 * step in which it returns it to the Task, so a Task that is cancelled meanwhile loses nothing. Private to python/asgi;
 * py-asyncio's thread, the GIL held. */
#ifndef TANDEM_PYTHON_ASGI_WAITING_H
#define TANDEM_PYTHON_ASGI_WAITING_H

#include "python/asgi/exchange.h"

enum look {
    LOOK_NOT_YET, /* look again after the next waiting_wake */
    LOOK_DONE,    /* *value: a new reference */
    LOOK_FAILED,  /* an exception is set */
};

/* Looks for something once. argument: as given to waiting_look. */
typedef enum look looker(struct asgi_exchange *exchange, PyObject *argument, PyObject **value);

/* Returns the type of these awaitables, a new reference; NULL with an exception set. */
PyObject *waiting_type(void);

/* Calls look. Returns a ready awaitable of its value, or, if there is none yet, one that calls look again on each
 * change. A new reference; NULL with an exception set. argument is borrowed, and may be NULL. */
PyObject *waiting_look(struct asgi_exchange *exchange, looker *look, PyObject *argument);

/* Returns an awaitable of None that lets the event loop run one iteration. A new reference; NULL with an exception
 * set. */
PyObject *waiting_turn(struct asgi_exchange *exchange);

/* Returns an awaitable that calls act(exchange, argument) in its first step, and then awaits what that returns: for a
 * call of receive() or send() by another thread, whose work is the event loop's thread's. A new reference; NULL with an
 * exception set. argument is borrowed, and may be NULL. */
PyObject *waiting_to_act(struct asgi_exchange *exchange, PyCFunction act, PyObject *argument);

/* Makes every waiting awaitable look again. Called after each change of the exchange. */
void waiting_wake(struct asgi_exchange *exchange);

#endif
