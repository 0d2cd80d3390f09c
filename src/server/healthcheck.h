/* --healthcheck: a small HTTP client that asks a running server for its page /readyz. It is for containers whose image
 * has no other HTTP client. It starts no threads and initializes no libraries. */
#ifndef TANDEM_SERVER_HEALTHCHECK_H
#define TANDEM_SERVER_HEALTHCHECK_H

#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* Asks the server that has this configuration, on its admin port if it has one, else on its port. ERR_OK: the server is
 * ready. ERR_INVALID: the configured port is 0, so the server's actual port is unknown; or it serves no pages.
 * ERR_SYSTEM: the server is not ready, or does not answer. */
WARN_UNUSED enum err healthcheck(const struct config *config);

/* The same for a server that listens on host and port; path is that of its page, with at most 511 bytes. timeout_ns
 * limits all steps but the name lookup. */
WARN_UNUSED enum err healthcheck_ask(const char *host, uint64_t port, const char *path, uint64_t timeout_ns);

#endif
