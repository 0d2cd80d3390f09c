/* This program starts itself anew. If the environment has a STAGE, it runs that stage instead of the suite. */
#include "reload/reexec.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "reload/project.h"
#include "suite.h"

static const struct reexec_socket none[REEXEC_SOCKETS_MAX] = {{"--port", -1}, {"--admin", -1}};

static void start_anew(const struct reexec_socket *sockets)
{
    if (reexec(sockets))
        printf("%s\n", err_message());
    fflush(stdout);
    _exit(1);
}

static void report(char *argv[])
{
    char directory[PATH_MAX];
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    printf("pid %d, arguments", (int)getpid());
    for (; *argv; argv++)
        printf(" %s", *argv);
    printf(", in %s, KEPT=%s, sockets %s, open", getcwd(directory, sizeof directory), getenv("KEPT"),
           getenv("TANDEM_RELOAD_SOCKETS"));
    for (int fd = 3; fd < 1000; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    printf(", blocked %d %d %d %d\n", sigismember(&blocked, SIGTERM), sigismember(&blocked, SIGINT),
           sigismember(&blocked, SIGHUP), sigismember(&blocked, SIGUSR1));
}

/* Starts anew although the program has been deleted, or replaced. */
static void lose_program(const char *path)
{
    char *const argv[] = {"anew", NULL};
    CHECK(setenv("STAGE", "report", 1) == 0 && reexec_prepare(argv) == ERR_OK);
    CHECK(unlink(path) == 0);
    if (getenv("REPLACED"))
        CHECK(rename(getenv("REPLACED"), path) == 0);
    start_anew(none);
}

static __attribute__((constructor)) void on_start(int argc, char *argv[])
{
    const char *stage = getenv("STAGE");
    (void)argc;
    if (!stage)
        return;
    if (strcmp(stage, "report") == 0)
        report(argv);
    else
        lose_program(argv[0]);
    fflush(stdout);
    _exit(0);
}

/* Returns the output of a forked child, which has ended by then. Valid until the next call. */
static const char *printed_by(void (*child)(void), pid_t *pid)
{
    static char text[4096];
    int ends[2], status;
    size_t length = 0;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    *pid = fork();
    if (*pid == 0) {
        CHECK(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
        child();
        _exit(1);
    }
    close(ends[1]);
    for (ssize_t got; (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(*pid, &status, 0), *pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d: %s", status, text);
    return text;
}

static int open_at(int wanted)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && dup3(fd, wanted, O_CLOEXEC) == wanted);
    close(fd);
    return wanted;
}

static void change_all_and_start_anew(void)
{
    char kept[] = "KEPT=as it was", argument[] = "--mode=x";
    char *argv[] = {"anew", argument, NULL};
    CHECK(chdir(project) == 0 && putenv(kept) == 0 && setenv("STAGE", "report", 1) == 0);
    CHECK(reexec_prepare(argv) == ERR_OK);
    strcpy(argument, "--title");
    strcpy(kept, "KEPT=nothing");
    CHECK(setenv("KEPT", "changed", 1) == 0 && chdir("/") == 0);
    CHECK(dup2(STDERR_FILENO, 500) == 500); /* exec would leave this descriptor open */
    const struct reexec_socket sockets[REEXEC_SOCKETS_MAX] = {{"--port", open_at(600)}, {"--admin", open_at(601)}};
    start_anew(sockets);
}

START_TEST(it_starts_as_it_did_before_with_the_sockets_and_no_more)
{
    char expected[PATH_MAX + 256];
    pid_t pid;
    project_open();
    const char *text = printed_by(change_all_and_start_anew, &pid);
    snprintf(expected, sizeof expected,
             "pid %d, arguments anew --mode=x, in %s, KEPT=as it was, sockets --port:600,--admin:601,, open 600 601, "
             "blocked 1 1 1 0\n",
             (int)pid, project);
    ck_assert_str_eq(text, expected);
    project_close();
}
END_TEST

static void start_copy(void)
{
    char *const argv[] = {(char *)project_path("program"), NULL};
    CHECK(setenv("STAGE", "lose", 1) == 0);
    execv(argv[0], argv);
}

static void start_copy_to_be_replaced(void)
{
    CHECK(setenv("REPLACED", project_path("new"), 1) == 0);
    start_copy();
}

static void copy_program(void)
{
    char bytes[64 * 1024];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(project_path("program"), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    for (ssize_t got; (got = read(from, bytes, sizeof bytes)) > 0;)
        ck_assert_int_eq(write(to, bytes, (size_t)got), got);
    close(from);
    close(to);
}

START_TEST(a_program_that_is_no_more_starts_itself)
{
    pid_t pid;
    project_open();
    copy_program();
    ck_assert_ptr_nonnull(strstr(printed_by(start_copy, &pid), "arguments anew, in "));
    project_close();
}
END_TEST

START_TEST(a_new_build_is_started_in_its_place)
{
    pid_t pid;
    project_open();
    copy_program();
    project_write("new", "#!/bin/sh\necho new build, $$\n");
    ck_assert_int_eq(chmod(project_path("new"), 0700), 0);
    char expected[64];
    const char *text = printed_by(start_copy_to_be_replaced, &pid);
    snprintf(expected, sizeof expected, "new build, %d\n", (int)pid);
    ck_assert_str_eq(text, expected);
    project_close();
}
END_TEST

static enum err prepare_with(const char *text)
{
    char *const argv[] = {"anew", NULL};
    ck_assert_int_eq(setenv("TANDEM_RELOAD_SOCKETS", text, 1), 0);
    return reexec_prepare(argv);
}

START_TEST(what_was_inherited_is_known_by_its_option_and_by_nobody_else)
{
    char text[64];
    int fd = dup(STDERR_FILENO);
    ck_assert_int_eq(reexec_inherited("--port"), -1);
    snprintf(text, sizeof text, "--admin:%d,", fd);
    ck_assert_int_eq(prepare_with(text), ERR_OK);
    ck_assert_int_eq(reexec_inherited("--admin"), fd);
    ck_assert_int_eq(reexec_inherited("--port"), -1);
    ck_assert_ptr_null(getenv("TANDEM_RELOAD_SOCKETS"));
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
}
END_TEST

START_TEST(what_cannot_have_been_inherited_is_refused)
{
    static const char *const wrong[] = {"5",         "--port",    "--port:",   "--port:x",
                                        "--port:-1", "--port:5x", "--other:5", "--port:1,--",
                                        "--port=5",  "--port:1;", ":5",        "--port:99999999999"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char message[256];
        ck_assert_msg(prepare_with(wrong[i]) == ERR_INVALID, "%s", wrong[i]);
        snprintf(message, sizeof message, "TANDEM_RELOAD_SOCKETS: '%s' is not OPTION:DESCRIPTOR,…; it is", wrong[i]);
        ck_assert_ptr_eq(strstr(err_message(), message), err_message());
    }
    ck_assert_int_eq(prepare_with("--port:999"), ERR_INVALID);
    ck_assert_str_eq(err_message(), "TANDEM_RELOAD_SOCKETS: '--port:999': the descriptor 999 is not open");
}
END_TEST

SUITE("reexec", it_starts_as_it_did_before_with_the_sockets_and_no_more, a_program_that_is_no_more_starts_itself,
      a_new_build_is_started_in_its_place, what_was_inherited_is_known_by_its_option_and_by_nobody_else,
      what_cannot_have_been_inherited_is_refused)
