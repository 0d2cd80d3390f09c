#include "reload/process_end.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fork.h"

/* Whose doing an end of the process is: tandem's own; the app's; the app's, while the process drains to start anew; or
 * it is starting anew already. */
enum whose { OF_TANDEM, OF_APP, OF_APP_IN_RELOAD, STARTING };

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static _Atomic(enum whose) whose = OF_TANDEM;

/* Async-signal-safe. Returns only if the end is tandem's own, in a forked child, or if the process cannot start anew.
 */
static void start_anew(const char *how)
{
    enum whose now = fork_is_child() ? OF_TANDEM : atomic_load(&whose);
    while ((now == OF_APP || now == OF_APP_IN_RELOAD) && !atomic_compare_exchange_weak(&whose, &now, STARTING))
        continue;
    if (now == STARTING)
        for (;;)
            pause(); /* another thread starts the process anew, which ends this one */
    if (now != OF_TANDEM)
        reexec_now(now == OF_APP ? how : NULL);
}

static void on_crash(int number)
{
    const char *name = sigabbrev_np(number);
    char how[32] = "SIG";
    start_anew(name ? strcat(how, name) : "a signal");
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void process_end_by_exit(int status)
{
    char how[32];
    (void)snprintf(how, sizeof how, "exit status %d", status);
    start_anew(how);
}

static void on_exit_handler(int status, void *unused)
{
    (void)unused;
    process_end_by_exit(status);
}

void process_end_watch(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX])
{
    reexec_arm(sockets);
    atomic_store(&whose, OF_APP);
    CHECK(on_exit(on_exit_handler, NULL) == 0);
    const struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_NODEFER};
    for (unsigned i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        CHECK(sigaction(crashes[i], &action, NULL) == 0);
}

void process_end_in_reload(void)
{
    enum whose expected = OF_APP;
    (void)atomic_compare_exchange_strong(&whose, &expected, OF_APP_IN_RELOAD);
}

void process_end_expected(void)
{
    enum whose now = atomic_load(&whose);
    while (now != STARTING && !atomic_compare_exchange_weak(&whose, &now, OF_TANDEM))
        continue;
}
