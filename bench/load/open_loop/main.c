/* open_loop: requests at the times of a schedule, which no answer delays, each timed from when it was due.
 * docs/open-loop.md */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "driver.h"

/* The kernel rounds a thread's sleep up by 50 µs unless told otherwise. */
static void wake_on_time(void)
{
    prctl(PR_SET_TIMERSLACK, 1);
}

static void allow_many_connections(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int main(int argc, char *argv[])
{
    static struct results results;
    struct options options;
    options_read(&options, argc, argv);
    wake_on_time();
    allow_many_connections();
    bool done = driver_run(&options, &results);
    if (done)
        results_print(&results, &options);
    free(options.request);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
