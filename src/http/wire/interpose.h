/* The recv(2), send(2) and epoll_wait(2) that libmicrohttpd calls.
 *
 * The executable defines these symbols, so the dynamic linker gives its definitions to every library in the process
 * (the same technique as in src/python/interp/gil_wait.c). They act only on a thread that runs a daemon, and only for
 * that daemon and its connections. Any other call goes on to the kernel, through the C library, so that a library that
 * is preloaded under these functions (a recorder, a clock) still sees it. */
#ifndef TANDEM_HTTP_WIRE_INTERPOSE_H
#define TANDEM_HTTP_WIRE_INTERPOSE_H

#include <sys/types.h>

#include "base/err.h"

struct connection;
struct io_thread;

/* Reads from the connection in place of recv(2), with the same result and errno. */
typedef ssize_t interpose_reader(struct connection *connection, char *bytes, size_t length);

/* LOOP. Until interpose_end, on the calling thread:
 *   recv        from a connection of the I/O thread goes to the reader;
 *   send        to a connection whose reply is sent (STAGE_SENT) sends nothing and reports success, since the bytes are
 *               those of a response that only tells libmicrohttpd so;
 *   epoll_wait  reports nothing more once it has reported all events that there were. */
void interpose_begin(struct io_thread *io_thread, interpose_reader *reader);
void interpose_end(void);

/* ANY thread. Checks that libraries get these functions. ERR_SYSTEM: they get another definition of one. */
WARN_UNUSED enum err interpose_check(void);

#endif
