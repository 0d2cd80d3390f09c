#include "base/fork.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own_fds.h"
#include "base/signals.h"
#include "suite.h"

static void handle(int number)
{
    (void)number;
}

static int status_of(pid_t child)
{
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(a_child_is_separated_from_the_server)
{
    struct sigaction now;
    int own = open("/dev/null", O_RDWR | O_CLOEXEC);
    fork_watch();
    signals_handle(handle);
    own_fds_add(own);
    ck_assert(!fork_is_child());
    pid_t child = fork();
    if (child == 0)
        _exit(fork_is_child() && fcntl(own, F_GETFD) < 0 && sigaction(SIGTERM, NULL, &now) == 0 &&
                      now.sa_handler == SIG_DFL
                  ? 0
                  : 1);
    ck_assert_int_eq(status_of(child), 0);
    ck_assert(!fork_is_child() && fcntl(own, F_GETFD) >= 0);
    ck_assert(sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == handle);
    signals_handle(SIG_DFL);
    own_fds_close(own);
}
END_TEST

START_TEST(the_mask_stays_as_it_was)
{
    sigset_t blocked, after;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    ck_assert_int_eq(sigprocmask(SIG_SETMASK, &blocked, NULL), 0);
    fork_watch();
    pid_t child = fork();
    ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &after), 0);
    bool same = sigismember(&after, SIGUSR2) && !sigismember(&after, SIGTERM);
    if (child == 0)
        _exit(!same);
    ck_assert_int_eq(status_of(child), 0);
    ck_assert(same);
}
END_TEST

START_TEST(a_child_that_comes_back_is_ended_with_a_line)
{
    int pipe_fds[2];
    char said[300];
    ck_assert_int_eq(pipe(pipe_fds), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipe_fds[1], STDERR_FILENO);
        fork_end_child("has returned to the test");
    }
    int status = status_of(child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), FORK_RETURNED);
    ssize_t got = read(pipe_fds[0], said, sizeof said - 1);
    ck_assert_int_gt(got, 0);
    said[got] = '\0';
    ck_assert_ptr_nonnull(strstr(said, "has returned to the test, and is ended with status 70"));
    ck_assert_ptr_eq(strchr(said, '\n'), said + got - 1);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}
END_TEST

SUITE("fork", a_child_is_separated_from_the_server, the_mask_stays_as_it_was,
      a_child_that_comes_back_is_ended_with_a_line)
