/* How long threads wait for the GIL, measured exactly and nearly for free.
 *
 * CPython takes a contended GIL by waiting in pthread_cond_timedwait (Python/ceval_gil.c, take_gil), an uncontended one
 * without it. This executable defines that symbol and calls on to the C library's; on a thread that has an account it
 * times the call. So every contended acquisition is timed, wherever in a handler it happens, and an uncontended one
 * costs nothing.
 *
 * The sanitizers define the same symbol: there nothing is measured, and gil_wait_measured() says so. */
#ifndef TANDEM_PYTHON_GIL_WAIT_H
#define TANDEM_PYTHON_GIL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/stats.h"

/* One thread's waits. That thread writes, any reads. */
struct gil_account {
    counter wait_ns;
    counter waits; /* that ended with the GIL taken, however many of CPython's 5 ms intervals each lasted */
};

/* The calling thread's waits go to this account from now on; NULL: to none. The account must outlive that. */
void gil_wait_attach(struct gil_account *account);

bool gil_wait_measured(void);

#endif
