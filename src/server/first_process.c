#include "server/first_process.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

/* Reaps all children that have ended. True: the program was one of them; *status is its exit status. */
static bool reap(pid_t program, int *status)
{
    bool ended = false;
    int how;
    pid_t pid;
    while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
        if (pid == program) {
            *status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
            ended = true;
        }
    return ended;
}

static _Noreturn void look_after(pid_t program, const sigset_t *all)
{
    int status = 0;
    for (;;) {
        siginfo_t info;
        int number = sigwaitinfo(all, &info);
        if (number < 0)
            continue; /* EINTR: the process was stopped and goes on */
        if (number == SIGCHLD) {
            if (reap(program, &status))
                _exit(status);
        } else {
            (void)kill(program, number); /* fails only if it has just ended, which SIGCHLD will say */
        }
    }
}

/* In the child. Gives it a process group of its own, in the terminal's foreground: the terminal's signals then come to
 * it once, not by this process, too. */
static void take_terminal(void)
{
    CHECK(setpgid(0, 0) == 0);
    sigset_t output;
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU);
    CHECK(sigprocmask(SIG_BLOCK, &output, NULL) == 0);
    if (isatty(STDIN_FILENO))
        (void)tcsetpgrp(STDIN_FILENO, getpgrp()); /* fails where the terminal is another session's */
}

void first_process_start(void)
{
    if (getpid() != 1)
        return;
    sigset_t all, before;
    sigfillset(&all);
    CHECK(sigprocmask(SIG_SETMASK, &all, &before) == 0);
    CHECK(signal(SIGCHLD, SIG_DFL) != SIG_ERR); /* where it is ignored, it does not come */
    pid_t program = fork();
    if (program < 0) {
        fprintf(stderr, "tandem: cannot fork: %s\n", strerror(errno));
        _exit(1);
    }
    if (program > 0)
        look_after(program, &all);
    take_terminal();
    CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}
