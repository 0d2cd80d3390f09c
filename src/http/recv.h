/* recv(2) as libmicrohttpd gets it.
 *
 * The executable defines the symbol, so the dynamic linker gives this one to every library in the process (the same
 * technique as src/python/gil_wait.c). On a thread that runs a front, a read from one of the front's connections goes
 * to the guard; any other goes on to the kernel. */
#ifndef TANDEM_HTTP_RECV_H
#define TANDEM_HTTP_RECV_H

#include "base/err.h"

struct front;

/* LOOP. Reads on this thread are for this front's guard until it is called with NULL. */
void recv_divert(struct front *front);

/* Whether libraries get this recv: ERR_SYSTEM where another definition goes before it. */
WARN_UNUSED enum err recv_check(void);

#endif
