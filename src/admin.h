/* The admin front (--admin): tandem's own pages on a port, a loop and a thread of their own, so that they answer
 * whatever the fronts do. It has no models, counts in no statistics, and is the last front to drain. */
#ifndef TANDEM_ADMIN_H
#define TANDEM_ADMIN_H

#include <uv.h>

#include "core/config.h"
#include "core/site.h"
#include "http/listener.h"

enum { ADMIN_CONNECTIONS = 256 }; /* beside those of --max-connections */

/* MAIN thread. Listens, if --admin says so; loop as for listener_open. On error nothing is left. */
WARN_UNUSED enum err admin_open(const struct config *config, uv_loop_t *loop);

/* ANY thread, after admin_open. "http://127.0.0.1:8081"; NULL where there is none. */
const char *admin_url(void);

/* MAIN thread. Starts the thread, to serve the pages of the site; borrows all they need. On error nothing is left. */
WARN_UNUSED enum err admin_start(const struct site *site);

/* MAIN thread. Connections are taken from now on. */
void admin_accept(void);

/* The thread of the listener's loop. NULL where there is none: for listener_keep. */
struct listener *admin_listener(void);

/* MAIN thread. Drains, and joins the thread. */
void admin_stop(void);

/* MAIN thread, always after admin_open. */
void admin_close(void);

#endif
