#include "server/exit_limit.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/signals.h"

static volatile sig_atomic_t exit_status;

static void on_signal(int number)
{
    (void)number;
    _exit(exit_status);
}

static void on_alarm(int number)
{
    (void)number;
    static const char said[] =
        "tandem: not ended within --drain-timeout: an exit handler of a library has not returned\n";
    ssize_t written = write(STDERR_FILENO, said, sizeof said - 1);
    (void)written;
    _exit(1);
}

void exit_limit_start(int status, uint64_t limit_ns)
{
    exit_status = status;
    signals_handle(on_signal);
    signals_mask(SIG_UNBLOCK);

    const struct sigaction alarm_action = {.sa_handler = on_alarm};
    sigset_t alarm_set;
    sigemptyset(&alarm_set);
    sigaddset(&alarm_set, SIGALRM);
    CHECK(sigaction(SIGALRM, &alarm_action, NULL) == 0);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &alarm_set, NULL) == 0);
    if (limit_ns < NS_PER_S) /* an exit that is not held up takes that long under a sanitizer */
        limit_ns = NS_PER_S;
    const uint64_t limit_us = limit_ns / NS_PER_US;
    const struct itimerval timer = {.it_value = {(time_t)(limit_us / 1000000), (suseconds_t)(limit_us % 1000000)}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}
