#include "base/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

const int signals_of_end[SIGNALS_OF_END] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

static const int user_signals[] = {SIGUSR1, SIGUSR2};

static struct sigaction handlers[SIGNALS_OF_END];
static atomic_bool remembered;
static bool hangup_is_ignored;

/* Not SIG_IGN: a program that is started by execve would inherit that. */
static void do_nothing(int number)
{
    (void)number;
}

static void set(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    CHECK(sigaction(number, &action, NULL) == 0);
}

void signals_start(void)
{
    struct sigaction now;
    CHECK(sigaction(SIGHUP, NULL, &now) == 0);
    hangup_is_ignored = now.sa_handler == SIG_IGN;
    set(SIGPIPE, SIG_IGN);
    set(SIGXFSZ, SIG_IGN);
    for (unsigned i = 0; i < sizeof user_signals / sizeof user_signals[0]; i++)
        set(user_signals[i], do_nothing);
}

bool signals_is_ignored(int number)
{
    return number == SIGHUP && hangup_is_ignored;
}

void signals_remember(void)
{
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        CHECK(sigaction(signals_of_end[i], NULL, &handlers[i]) == 0);
    atomic_store(&remembered, true);
}

int signals_keep(void)
{
    int taken = 0;
    for (unsigned i = 0; atomic_load(&remembered) && i < SIGNALS_OF_END; i++) {
        struct sigaction now;
        CHECK(sigaction(signals_of_end[i], NULL, &now) == 0);
        if (now.sa_handler == handlers[i].sa_handler)
            continue;
        taken = signals_of_end[i];
        CHECK(sigaction(taken, &handlers[i], NULL) == 0);
    }
    return taken;
}

void signals_mask(int how)
{
    sigset_t ending;
    sigemptyset(&ending);
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        sigaddset(&ending, signals_of_end[i]);
    CHECK(pthread_sigmask(how, &ending, NULL) == 0);
}

void signals_handle(void (*handler)(int number))
{
    atomic_store(&remembered, false);
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        if (!signals_is_ignored(signals_of_end[i]))
            set(signals_of_end[i], handler);
}

void signals_reset(void)
{
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        if (!signals_is_ignored(signals_of_end[i]))
            set(signals_of_end[i], SIG_DFL);
    for (unsigned i = 0; i < sizeof user_signals / sizeof user_signals[0]; i++) {
        struct sigaction now;
        if (sigaction(user_signals[i], NULL, &now) == 0 && now.sa_handler == do_nothing)
            set(user_signals[i], SIG_DFL);
    }
}
