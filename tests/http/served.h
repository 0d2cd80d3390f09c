/* A server for tests: a listener on a free port with its own thread, and --loops io_threads, each with its own thread.
 * The test answers for their model.
 *
 *   /now     is answered on the loop, with the body that it got
 *   /later   is kept until the test answers it
 *   /wait    is kept until its answer is no longer wanted; then it is answered at once
 *   /block   blocks the loop for five milliseconds
 *   /never   is offered to a model whose queue is full, before a long body is whole
 *   /soon    is answered by a timer with a delay of 0
 *   /upload  is kept, with the part of a long body that has come; /socket is kept, and may become a websocket
 *   /mount   is kept, as /later; /quiet is a stream, as /silent: both are mounts
 *   /drip    and /flood, /silent, /deaf, /broken, /paused are streams: streams.h */
#ifndef TANDEM_TESTS_SERVED_H
#define TANDEM_TESTS_SERVED_H

#include "config/config.h"
#include "core/loop.h"

/* Starts from the command line's defaults; a test changes them before served_open. */
extern struct config served_config;

void served_defaults(void);
void served_open(void);

/* Set before served_open: the listener keeps its socket from the beginning. After served_close the socket belongs to
 * the test. */
extern bool served_keeps;
int served_socket(void);

/* Drains the server, and waits until the drain is over. The test's clients must have left or be idle by then. */
void served_close(void);

/* Starts the drain. The test must still call served_close. */
void served_drain(void);

/* True if the drain is over. */
bool served_drained(void);

/* The statistics of the first loop, and of any loop. */
const struct loop_stats *served_stats(void);
const struct loop_stats *served_stats_of(unsigned index);

/* Waits until the counter is at least value, and expects it to be exactly value. */
void served_expect(const counter *c, uint64_t value);

/* Waits until the value is the expected one. */
void served_until(atomic_uint *value, unsigned expected);

/* Returns the series of /NAME on the first loop, which must have had a request. */
const struct series *served_series(const char *name);

/* Waits for the next request that the model keeps, which the test then answers. */
struct request *served_later(void);

/* Answers from the test's thread: 200 with this body. */
void served_answer(struct request *request, const char *body);

/* How often the model was told that an answer is no longer wanted, and that a client has shut down its side. */
extern atomic_uint served_cancelled, served_half_closed;

/* The largest number of /soon timers that fired before the loop came to its other events. */
extern atomic_uint served_fired_in_a_row_max;

/* Keeps the first loop busy between the two: what clients send meanwhile comes to it at once. */
void served_hold(void);
void served_release(void);

/* Returns a client's connected socket. */
int served_connect(void);

#endif
