/* Fronts, --loops of them, each on a thread of its own; behind a listener on a free port, which has one too; before a
 * model that the test answers for.
 *
 *   /now     is answered on the loop, with the body that it got
 *   /later   is kept until the test says so
 *   /wait    is kept until nobody wants the answer any more: then it comes at once
 *   /block   keeps the loop for five milliseconds
 *   /never   is offered to a model whose queue is full
 *   /soon    is answered by a timer of no time
 *   /mount   is kept, as /later; /quiet is a stream, as /silent: both are mounts
 *   /drip    and /flood, /silent, /deaf, /broken are streams: streams.h */
#ifndef TANDEM_TESTS_SERVED_H
#define TANDEM_TESTS_SERVED_H

#include "core/config.h"
#include "core/loop.h"

/* The defaults of the command line; to be changed before served_open. */
extern struct config served_config;

void served_defaults(void);
void served_open(void);

/* Set before served_open: the listener keeps its socket from the beginning on; the test's, after served_close. */
extern bool served_keeps;
int served_socket(void);

/* Drains, and waits for the end: the test's clients must have left, or be idle. */
void served_close(void);

/* Asks for the drain. served_close is still to be called. */
void served_drain(void);

/* Whether the drain is over. */
bool served_drained(void);

/* Of the first loop, and of any. */
const struct loop_stats *served_stats(void);
const struct loop_stats *served_stats_of(unsigned index);

/* Waits until the counter is that high. */
void served_expect(const counter *c, uint64_t value);

/* The series of /NAME, which has had a request. */
const struct series *served_series(const char *name);

/* Waits for the next request for /later; it is the test's to answer. */
struct request *served_later(void);

/* From the test's thread: 200 with this body. */
void served_answer(struct request *request, const char *body);

/* How often the model was told that an answer is not wanted any more, and that a client sends nothing more. */
extern atomic_uint served_cancelled, served_half_closed;

/* How many timers of /soon fired at most before the loop came to its other events. */
extern atomic_uint served_fired_in_a_row_max;

/* A client's connected socket. */
int served_connect(void);

#endif
