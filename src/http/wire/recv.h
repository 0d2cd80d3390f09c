/* The recv(2) that libmicrohttpd calls.
 *
 * The executable defines the symbol recv, so the dynamic linker gives this definition to every library in the process
 * (the same technique as in src/python/interp/gil_wait.c). On an I/O thread, a read from one of its connections goes to
 * the reader that recv_divert has set. Any other read goes on to the kernel. */
#ifndef TANDEM_HTTP_WIRE_RECV_H
#define TANDEM_HTTP_WIRE_RECV_H

#include <sys/types.h>

#include "base/err.h"

struct connection;
struct io_thread;

/* Reads from the connection in place of recv(2), with the same result and errno. */
typedef ssize_t recv_reader(struct connection *connection, char *bytes, size_t length);

/* LOOP. Diverts reads on the calling thread from this I/O thread's connections to the reader. NULL ends that. */
void recv_divert(struct io_thread *io_thread, recv_reader *reader);

/* ANY thread. Checks that libraries get this recv. ERR_SYSTEM: they get another definition. */
WARN_UNUSED enum err recv_check(void);

#endif
