/* The end of a front's drain. LOOP only. */
#ifndef TANDEM_HTTP_DRAIN_H
#define TANDEM_HTTP_DRAIN_H

struct front;

/* A connection closed, or a request came back that nobody waits for any more. Calls on_drained where the front drains
 * and that was the last. */
void drain_check(struct front *front);

#endif
