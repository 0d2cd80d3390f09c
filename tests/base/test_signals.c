#include "base/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "suite.h"

typedef void handler(int);

static volatile sig_atomic_t came;

static void of_server(int number)
{
    came = number;
}

static void of_app(int number)
{
    (void)number;
}

static handler *handler_of(int number)
{
    struct sigaction now;
    ck_assert_int_eq(sigaction(number, NULL, &now), 0);
    return now.sa_handler;
}

static void restore(void)
{
    signals_handle(SIG_DFL);
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP && number != SIGALRM)
            signal(number, SIG_DFL);
}

START_TEST(the_start_ignores_what_python_ignores)
{
    signals_start();
    ck_assert(handler_of(SIGPIPE) == SIG_IGN && handler_of(SIGXFSZ) == SIG_IGN);
    ck_assert_int_eq(raise(SIGUSR1) | raise(SIGUSR2), 0); /* the default action would end the process */
    ck_assert(handler_of(SIGUSR1) != SIG_IGN);            /* a program that is started would inherit that */
    restore();
}
END_TEST

START_TEST(what_the_app_takes_is_taken_back)
{
    ck_assert_int_eq(signals_keep(), 0); /* nothing is noted yet */
    signals_handle(of_server);
    signals_remember();
    ck_assert_int_eq(signals_keep(), 0);
    for (unsigned i = 0; i < SIGNALS_OF_END; i++) {
        signal(signals_of_end[i], i % 2 ? of_app : SIG_IGN);
        ck_assert_int_eq(signals_keep(), signals_of_end[i]);
        ck_assert_int_eq(signals_keep(), 0);
        ck_assert_int_eq(raise(signals_of_end[i]), 0);
        ck_assert_int_eq(came, signals_of_end[i]);
    }
    restore();
}
END_TEST

START_TEST(a_child_has_the_default_actions)
{
    signals_start();
    signals_handle(of_server);
    signals_remember();
    signal(SIGUSR2, of_app);
    signals_reset();
    for (unsigned i = 0; i < SIGNALS_OF_END; i++)
        ck_assert(handler_of(signals_of_end[i]) == SIG_DFL);
    ck_assert(handler_of(SIGUSR1) == SIG_DFL && handler_of(SIGUSR2) == of_app);
    restore();
}
END_TEST

START_TEST(they_can_be_blocked)
{
    signals_handle(of_server);
    came = 0;
    signals_mask(SIG_BLOCK);
    ck_assert_int_eq(raise(SIGHUP), 0);
    ck_assert_int_eq(came, 0);
    signals_mask(SIG_UNBLOCK);
    ck_assert_int_eq(came, SIGHUP);
    restore();
}
END_TEST

START_TEST(nohup_is_heeded)
{
    struct sigaction now;
    signals_start();
    ck_assert(!signals_is_ignored(SIGHUP));
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* as a shell does for a command in the background */
    signals_start();
    ck_assert(signals_is_ignored(SIGHUP) && !signals_is_ignored(SIGINT));
    signals_handle(of_server);
    ck_assert(handler_of(SIGHUP) == SIG_IGN && handler_of(SIGINT) == of_server);
    signals_reset();
    ck_assert(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
    signal(SIGHUP, SIG_DFL);
    signals_start();
    restore();
}
END_TEST

SUITE("signals", the_start_ignores_what_python_ignores, what_the_app_takes_is_taken_back,
      a_child_has_the_default_actions, they_can_be_blocked, nohup_is_heeded)
