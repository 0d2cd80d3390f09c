/* Measures how long threads wait for the GIL, exactly and at almost no cost.
 *
 * CPython waits for a contended GIL in pthread_cond_timedwait (Python/ceval_gil.c, take_gil); it takes an uncontended
 * one without that call. This executable defines the symbol and forwards to the C library. If the calling thread has
 * an account, the call is timed. So every contended acquisition is timed, wherever in a handler it happens, and an
 * uncontended one costs nothing.
 *
 * The sanitizers define the same symbol, so their builds measure nothing; neither do builds with -Dstats=false. */
#ifndef TANDEM_PYTHON_INTERP_GIL_WAIT_H
#define TANDEM_PYTHON_INTERP_GIL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/loop_stats.h"

/* One thread's waits. That thread writes, ANY thread reads. */
struct gil_account {
    counter wait_ns;
    counter waits; /* waits that a signal ended; CPython's 5 ms timeouts within a longer wait do not count */
};

/* ANY thread. Adds the calling thread's waits to this account from now on; NULL: to none. The account must stay valid
 * until it is replaced or the thread ends. */
void gil_wait_attach(struct gil_account *account);

/* ANY thread. True if waits are measured in this process. */
bool gil_wait_measured(void);

#endif
