/* The load: a request at each time of the schedule, on the connection that has been idle longest.
 *
 * Where no connection is idle, the request waits for one, in order. What waits is not stored: it is what the schedule
 * has due and has not been sent. Its latency counts from the time that the schedule has for it, whenever it was sent.
 *
 * One thread in epoll_pwait2, which wakes for the next time of the schedule; it looks for what is due after each
 * answer, too, so a burst of answers delays no request. It does not spin. */
#ifndef OPEN_LOOP_DRIVER_H
#define OPEN_LOOP_DRIVER_H

#include <stdbool.h>

#include "options.h"
#include "results.h"

/* Opens the connections, runs the schedule, closes them. false, and a sentence on stderr, where they cannot be opened.
 */
bool driver_run(const struct options *options, struct results *results);

#endif
