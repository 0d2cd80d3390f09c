/* A listening socket: a new one, or one that this process was handed by the process that it was before (--reload). */
#ifndef TANDEM_HTTP_LISTEN_SOCKET_H
#define TANDEM_HTTP_LISTEN_SOCKET_H

#include <stdint.h>

#include "base/err.h"

/* ANY thread. Binds and listens; non-blocking, closed by exec. host: an address or a name, of several addresses the
 * first; port: 0 takes a free one. option: the port's, for the error. Returns owned. */
WARN_UNUSED enum err listen_socket_open(const char *host, const char *option, uint64_t port, int *out);

/* ANY thread. Takes the descriptor fd, where it is what listen_socket_open would give: it listens, and is bound to an
 * address of host and, unless that is 0, to port. ERR_INVALID: it is not, and stays open. */
WARN_UNUSED enum err listen_socket_adopt(int fd, const char *host, const char *option, uint64_t port);

/* "http://127.0.0.1:8080", with the port that the kernel chose. */
enum { LISTEN_SOCKET_URL_BYTES = 128 };
void listen_socket_url(int fd, char out[LISTEN_SOCKET_URL_BYTES]);

#endif
