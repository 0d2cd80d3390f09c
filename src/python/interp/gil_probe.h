/* Samples how often each GIL is held and how often it changes hands, without taking the GIL.
 *
 * A sampling thread reads the interpreter's own structure about 100 times a second (0.1 % of a core). Its intervals
 * are uneven, so that it does not keep step with CPython's 5 ms switch interval. If all cores are busy, the thread runs
 * late, mostly when the holder has just released the GIL: the held ratio is then too low (docs/stats.md).
 *
 * The structure is internal to CPython; the code knows its layout in 3.12 and 3.13. Nothing is sampled with any other
 * version, or if the running version is not exactly the one that this was built with. */
#ifndef TANDEM_PYTHON_INTERP_GIL_PROBE_H
#define TANDEM_PYTHON_INTERP_GIL_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/loop_stats.h"

/* The samples of one interpreter's GIL. The sampling thread writes, ANY thread reads. Zeroed memory has none. */
struct gil_watch {
    const void *gil; /* NULL: not sampled, and in no list */
    LIST_ENTRY(gil_watch) link;
    counter samples, held, switches_total;
};

struct gil_reading {
    bool known;              /* there is at least one sample */
    uint64_t switches_total; /* how often a thread other than the last holder took the GIL */
    uint64_t samples, held;  /* samples in all, and those that found the GIL held */
};

/* MAIN thread. gil_probe_start starts the sampling thread, and only logs if it cannot. gil_probe_stop ends and joins
 * it; readings keep their values. */
void gil_probe_start(void);
void gil_probe_stop(void);

/* ANY thread, that interpreter's GIL held. gil_watch_start adds the current interpreter's GIL to the sampled ones;
 * gil_watch_stop removes it. The watch must not move in between. */
void gil_watch_start(struct gil_watch *watch);
void gil_watch_stop(struct gil_watch *watch);

/* ANY thread. Returns the current reading. */
struct gil_reading gil_watch_read(const struct gil_watch *watch);

#endif
