/* Starts all parts of the server in order, and stops them in the reverse order. */
#ifndef TANDEM_SERVER_SERVER_H
#define TANDEM_SERVER_SERVER_H

#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* MAIN thread. Serves until a signal or a reload has drained the server. With --check-config, only checks the options.
 * started_ns: when the process began, by clock_ns(). On error err_message() says why. ERR_INVALID: an option is wrong.
 * ERR_APP: the user's code cannot be loaded. */
WARN_UNUSED enum err server_run(const struct config *config, uint64_t started_ns);

#endif
