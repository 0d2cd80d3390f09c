/* The pace of a queue's handlers, and whether one more of them at work would pay. Under the queue's lock, all of it. */
#ifndef TANDEM_CORE_PACE_H
#define TANDEM_CORE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t mean_ns;          /* of late, what a request took */
    uint64_t stalled_until_ns; /* for this long after a stall the next one is expected */
};

/* A request was handled. */
void pace_took(struct pace *pace, uint64_t took_ns);

/* Nothing was taken for a millisecond, although something waited. */
void pace_stalled(struct pace *pace);

/* Whether handlers have blocked of late. */
bool pace_is_stalled(const struct pace *pace);

/* For handlers that run in parallel: whether those at work would need longer for what waits than a wake-up is worth.
 * coming: of those at work, how many were woken and have not taken anything yet. */
bool pace_another_pays(const struct pace *pace, unsigned waiting, unsigned at_work, unsigned coming);

#endif
