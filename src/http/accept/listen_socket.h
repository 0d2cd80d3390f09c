/* A listening socket: a new one, or one that the process has kept open through exec (--reload). */
#ifndef TANDEM_HTTP_ACCEPT_LISTEN_SOCKET_H
#define TANDEM_HTTP_ACCEPT_LISTEN_SOCKET_H

#include <stdint.h>

#include "base/err.h"

/* ANY thread. Sets *out to an owned socket that listens, does not block, and is closed by exec. host: an address or a
 * name; of several addresses the first is taken. port: 0 takes a free one. option: the port's option, for the error
 * message. ERR_INVALID: host is unknown. ERR_SYSTEM: cannot listen there. */
WARN_UNUSED enum err listen_socket_open(const char *host, const char *option, uint64_t port, int *out);

/* ANY thread. Takes the descriptor fd if it is a socket that listen_socket_open could return: it listens, and is bound
 * to an address of host and, unless port is 0, to port. ERR_INVALID: it is not, and stays open. */
WARN_UNUSED enum err listen_socket_adopt(int fd, const char *host, const char *option, uint64_t port);

/* ANY thread. Writes the URL of the socket, with the port that the kernel chose: "http://127.0.0.1:8080". */
enum { LISTEN_SOCKET_URL_BYTES = 128 };
void listen_socket_url(int fd, char out[LISTEN_SOCKET_URL_BYTES]);

#endif
