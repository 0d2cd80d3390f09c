/* The end of an I/O thread's drain. LOOP only. */
#ifndef TANDEM_HTTP_CONNECTION_DRAIN_H
#define TANDEM_HTTP_CONNECTION_DRAIN_H

struct io_thread;

/* Calls on_drained if the I/O thread drains and has no connection, no request and no lingering close left. To be called
 * when one of these ends. */
void drain_check(struct io_thread *io_thread);

#endif
