/* The admin I/O thread (--admin): serves tandem's own pages on a port, a loop and a thread of its own, so the pages
 * answer even if all other I/O threads are busy. It has no models, counts in no statistics, and drains last. */
#ifndef TANDEM_SERVER_ADMIN_H
#define TANDEM_SERVER_ADMIN_H

#include <uv.h>

#include "config/config.h"
#include "core/routes.h"
#include "http/accept/listener.h"

enum { ADMIN_CONNECTIONS = 256 }; /* the most on the admin port, in addition to --max-connections */

/* MAIN thread. Opens the admin port if --admin is given. loop: as for listener_open. On error nothing is left. */
WARN_UNUSED enum err admin_open(const struct config *config, uv_loop_t *loop);

/* ANY thread, after admin_open. Returns the URL, such as "http://127.0.0.1:8081"; NULL: there is no admin port. */
const char *admin_url(void);

/* MAIN thread. Starts the thread, which serves the pages in routes. Copies routes, but borrows all that it points to.
 * On error the thread does not run, and the port stays open. */
WARN_UNUSED enum err admin_start(const struct routes *routes);

/* MAIN thread. Accepts connections from now on. */
void admin_accept(void);

/* The thread of the listener's loop, or any thread while that loop is not running. Returns the listener, for
 * listener_keep; NULL: there is no admin port. */
struct listener *admin_listener(void);

/* MAIN thread, after a successful admin_start. Drains, and joins the thread. */
void admin_stop(void);

/* MAIN thread, after every successful admin_open, when the thread has ended. Closes the port (listener_close). */
void admin_close(void);

#endif
