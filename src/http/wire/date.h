/* The Date field (RFC 9110, 6.6.1), made once a second. LOOP only. */
#ifndef TANDEM_HTTP_WIRE_DATE_H
#define TANDEM_HTTP_WIRE_DATE_H

struct io_thread;

/* Returns the line of DATE_LINE_BYTES (io_thread_state.h), "Date: …\r\n", as of now. Owned by the I/O thread. */
const char *date_line(struct io_thread *io_thread);

#endif
