/* --healthcheck: the other side of a connection. Asks a running server for /readyz, for a container whose image has no
 * other HTTP client. Starts no thread and no library. */
#ifndef TANDEM_HTTP_HEALTHCHECK_H
#define TANDEM_HTTP_HEALTHCHECK_H

#include <stdint.h>

#include "base/err.h"
#include "core/config.h"

/* Asks the server that has this configuration: its admin port where it has one, else its port. ERR_OK: it is ready.
 * ERR_INVALID: the port is 0, which nobody else knows. ERR_SYSTEM: it is not ready, or nobody answers. */
WARN_UNUSED enum err healthcheck(const struct config *config);

/* The same, of a server that listens on host and port; whatever happens after the name was looked up, it returns when
 * timeout_ns are over. */
WARN_UNUSED enum err healthcheck_ask(const char *host, uint64_t port, uint64_t timeout_ns);

#endif
