/* A front on a loop on a thread of its own, behind a listener on a free port, before a model that the test answers for.
 *
 *   /now     is answered on the loop, with the body that it got
 *   /later   is kept until the test says so
 *   /never   is offered to a model whose queue is full
 *   /soon    is answered by a timer of no time */
#ifndef TANDEM_TESTS_SERVED_H
#define TANDEM_TESTS_SERVED_H

#include "core/config.h"
#include "core/loop.h"

/* The defaults of the command line; to be changed before served_open. */
extern struct config served_config;

void served_defaults(void);
void served_open(void);

/* Drains, and waits for the end: the test's clients must have left, or be idle. */
void served_close(void);

/* Asks for the drain, and waits until it has begun. served_close is still to be called. */
void served_drain(void);

const struct loop_stats *served_stats(void);

/* Waits until the counter is that high. */
void served_expect(const counter *c, uint64_t value);

/* Waits for the next request for /later; it is the test's to answer. */
struct request *served_later(void);

/* From the test's thread: 200 with this body. */
void served_answer(struct request *request, const char *body);

/* How many timers of /soon fired at most before the loop came to its other events. */
extern atomic_uint served_fired_in_a_row_max;

/* A connected socket; reads from it fail the test after ten seconds. */
int served_connect(void);

void served_send(int fd, const char *text);

/* Reads one response. Its status; its body is served_body, a string, its head served_head. */
unsigned served_read(int fd);
extern char served_head[2048], served_body[4096];

/* Fails the test unless the server closes the connection with nothing more sent; closes it. */
void served_expect_closed(int fd);

/* Reads one response, which has this status, and this body where that is not NULL. */
void served_expect_answer(int fd, unsigned status, const char *body);

#define SERVED_GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define SERVED_POST(head) "POST /now HTTP/1.1\r\nHost: x\r\n" head "\r\n" /* head: lines with their ends */

#endif
