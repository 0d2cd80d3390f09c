#include "base/fork.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/own_fds.h"
#include "base/signals.h"

bool fork_in_child;

static _Thread_local sigset_t mask_before;

/* No signal may come to the child before its dispositions are the default ones: libuv's handler would write the signal
 * into the pipe that the child shares with the server. */
static void before_fork(void)
{
    sigset_t all;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &mask_before) == 0);
}

static void after_fork_in_parent(void)
{
    CHECK(pthread_sigmask(SIG_SETMASK, &mask_before, NULL) == 0);
}

static void after_fork_in_child(void)
{
    fork_in_child = true;
    signals_reset();
    own_fds_close_all();
    CHECK(pthread_sigmask(SIG_SETMASK, &mask_before, NULL) == 0);
}

void fork_watch(void)
{
    static bool watching;
    if (watching)
        return;
    watching = true;
    CHECK(pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0);
}

void fork_end_child(const char *how)
{
    char line[256];
    int length = snprintf(line, sizeof line,
                          "tandem: the forked child %d %s, and is ended with status %d; a child must end itself, for "
                          "example by os._exit()\n",
                          (int)getpid(), how, FORK_RETURNED);
    /* Not by the log: it takes locks that another thread may have held at the fork. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written;
    _exit(FORK_RETURNED);
}
