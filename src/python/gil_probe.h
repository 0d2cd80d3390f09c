/* Who holds a GIL, and how often it changes hands: read out of the interpreter's own structure, without taking the GIL.
 *
 * A thread of its own looks about a hundred times a second (0.1 % of a core), at uneven intervals, so that it does not
 * keep step with CPython's own 5 ms. On a machine whose cores are all busy it runs later than it would, mostly when the
 * holder has just let go: the held ratio is then too low (docs/stats.md).
 *
 * The structure is CPython's internal one, of 3.12 and 3.13; with any other version there are no readings, nor with one
 * that is not the very version that this was built with. */
#ifndef TANDEM_PYTHON_GIL_PROBE_H
#define TANDEM_PYTHON_GIL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/stats.h"

/* One interpreter's GIL. Zeroed memory is one that was never looked at. */
struct gil_watch {
    const void *gil;
    struct gil_watch *next;
    counter looks, held, switches_total;
};

struct gil_reading {
    bool known;
    uint64_t switches_total; /* times the GIL went to another thread than the one before */
    uint64_t looks, held;    /* how often it was looked at, and found held */
};

/* MAIN thread. The thread that looks, from here to the stop, which joins it; readings stay as they are. */
void gil_probe_start(void);
void gil_probe_stop(void);

/* ANY thread, the GIL of the interpreter held that is to be watched from now on; that was watched until now. The watch
 * must not move meanwhile. */
void gil_watch_start(struct gil_watch *watch);
void gil_watch_stop(struct gil_watch *watch);

/* ANY thread. */
struct gil_reading gil_watch_read(const struct gil_watch *watch);

#endif
