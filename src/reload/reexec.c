#include "reload/reexec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/signals.h"

#define VARIABLE "TANDEM_RELOAD_SOCKETS"
#define ENDED    "TANDEM_RELOAD_ENDED" /* how the app has ended the process before */
#define DELETED  " (deleted)"          /* the kernel appends it to the path of a deleted file */

static struct {
    char **argv;
    char **environment; /* the last two places before its NULL are for VARIABLE and ENDED */
    size_t variables;
    char program[PATH_MAX];
    int directory;
    struct reexec_socket inherited[REEXEC_SOCKETS_MAX];
    char handed_over[128];
    sigset_t mask;
    struct reexec_socket armed[REEXEC_SOCKETS_MAX];
    char ended[128];        /* ENDED=HOW, for the next process */
    char ended_before[128]; /* how the app has ended the process before; empty if it has not */
} start;

/* The options whose listening sockets may be inherited. */
static const char *const names[REEXEC_SOCKETS_MAX] = {"--port", "--admin"};

/* Copies the strings, since programs that set their process title overwrite the originals. Leaves two places free
 * before the NULL at the end. NULL: out of memory. */
static char **copy(char *const strings[], size_t *count)
{
    size_t length = 0;
    while (strings[length])
        length++;
    char **copies = calloc(length + 3, sizeof *copies);
    size_t copied = 0;
    while (copies && copied < length && (copies[copied] = strdup(strings[copied])))
        copied++;
    if (copies && copied == length) {
        *count = length;
        return copies;
    }
    while (copied > 0)
        free(copies[--copied]);
    free(copies);
    return NULL;
}

static enum err refuse(const char *text)
{
    return err_fail(ERR_INVALID,
                    VARIABLE ": '%s' is not OPTION:DESCRIPTOR,…; it is tandem's own, for --reload: take it out of the "
                             "environment",
                    text);
}

/* Reads VARIABLE, such as "--port:5,--admin:6", and ENDED, and removes them from the environment. */
static enum err take_inherited(void)
{
    const char *text = getenv(VARIABLE);
    for (const char *at = text; at && *at;) {
        unsigned i = 0;
        while (i < REEXEC_SOCKETS_MAX && strncmp(at, names[i], strlen(names[i])) != 0)
            i++;
        if (i == REEXEC_SOCKETS_MAX || at[strlen(names[i])] != ':')
            return refuse(text);
        char *end;
        const char *number = at + strlen(names[i]) + 1;
        long fd = *number >= '0' && *number <= '9' ? strtol(number, &end, 10) : -1;
        if (fd < 0 || fd > INT_MAX || (*end != '\0' && *end != ','))
            return refuse(text);
        if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
            return err_fail(ERR_INVALID, VARIABLE ": '%s': the descriptor %ld is not open", text, fd);
        start.inherited[i].fd = (int)fd;
        at = *end ? end + 1 : end;
    }
    const char *ended = getenv(ENDED);
    (void)snprintf(start.ended_before, sizeof start.ended_before, "%s", ended ? ended : "");
    CHECK(unsetenv(VARIABLE) == 0 && unsetenv(ENDED) == 0);
    return ERR_OK;
}

static enum err find_program(void)
{
    ssize_t length = readlink("/proc/self/exe", start.program, sizeof start.program - 1);
    if (length < 0)
        return err_fail(ERR_SYSTEM, "--reload: cannot tell where this program is: /proc/self/exe: %s", strerror(errno));
    start.program[length] = '\0';
    size_t suffix = sizeof DELETED - 1;
    if ((size_t)length > suffix && strcmp(start.program + length - suffix, DELETED) == 0)
        start.program[(size_t)length - suffix] = '\0';
    return ERR_OK;
}

enum err reexec_prepare(char *const argv[])
{
    size_t arguments;
    for (unsigned i = 0; i < REEXEC_SOCKETS_MAX; i++)
        start.inherited[i] = (struct reexec_socket){names[i], -1};
    enum err err = take_inherited();
    if (!err)
        err = find_program();
    if (err)
        return err;
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &start.mask) == 0);
    start.argv = copy(argv, &arguments);
    start.environment = copy(environ, &start.variables);
    if (!start.argv || !start.environment)
        return err_fail(ERR_NOMEM, "out of memory for --reload");
    start.directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return start.directory >= 0
               ? ERR_OK
               : err_fail(ERR_SYSTEM, "--reload: cannot open the current directory: %s", strerror(errno));
}

int reexec_inherited(const char *option)
{
    for (unsigned i = 0; i < REEXEC_SOCKETS_MAX; i++)
        if (start.inherited[i].option && strcmp(start.inherited[i].option, option) == 0)
            return start.inherited[i].fd;
    return -1;
}

static void on_signal(int number)
{
    (void)number;
    _exit(0);
}

void reexec_end_on_signal(void)
{
    signals_handle(on_signal);
}

/* Sets FD_CLOEXEC on all descriptors but 0 to 2: libraries may have opened some without it. */
static enum err close_by_exec(void)
{
    DIR *listing = opendir("/proc/self/fd");
    if (!listing)
        return err_fail(ERR_SYSTEM, "--reload: cannot read /proc/self/fd: %s", strerror(errno));
    const struct dirent *entry;
    while ((entry = readdir(listing))) {
        int fd = atoi(entry->d_name); /* "." and ".." give 0 */
        if (fd > STDERR_FILENO)
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* another thread may have closed it */
    }
    closedir(listing);
    return ERR_OK;
}

/* Writes VARIABLE for the new program. */
static void name_sockets(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX])
{
    int length = snprintf(start.handed_over, sizeof start.handed_over, VARIABLE "=");
    for (unsigned i = 0; i < REEXEC_SOCKETS_MAX; i++) {
        if (sockets[i].fd >= 0)
            length += snprintf(start.handed_over + length, sizeof start.handed_over - (size_t)length, "%s:%d,",
                               sockets[i].option, sockets[i].fd);
        CHECK(length < (int)sizeof start.handed_over);
    }
}

static enum err hand_over(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX])
{
    name_sockets(sockets);
    enum err err = close_by_exec();
    for (unsigned i = 0; i < REEXEC_SOCKETS_MAX && !err; i++) {
        if (sockets[i].fd < 0)
            continue;
        if (fcntl(sockets[i].fd, F_SETFD, 0) != 0)
            err = err_fail(ERR_SYSTEM, "--reload: cannot hand over the socket of %s: %s", sockets[i].option,
                           strerror(errno));
    }
    start.environment[start.variables] = start.handed_over;
    return err;
}

enum err reexec(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX])
{
    reexec_end_on_signal();
    signals_mask(SIG_BLOCK);
    enum err err = hand_over(sockets);
    if (err)
        return err;
    if (fchdir(start.directory) != 0)
        return err_fail(ERR_SYSTEM, "--reload: cannot go back to the directory of the start: %s", strerror(errno));
    execve(start.program, start.argv, start.environment);
    execve("/proc/self/exe", start.argv, start.environment);
    return err_fail(ERR_SYSTEM, "--reload: cannot start %s anew: %s", start.program, strerror(errno));
}

void reexec_arm(const struct reexec_socket sockets[REEXEC_SOCKETS_MAX])
{
    memcpy(start.armed, sockets, sizeof start.armed);
    name_sockets(sockets);
}

void reexec_now(const char *how)
{
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    for (unsigned i = 0; i < REEXEC_SOCKETS_MAX; i++)
        if (start.armed[i].fd >= 0)
            (void)fcntl(start.armed[i].fd, F_SETFD, 0);
    start.environment[start.variables] = start.handed_over;
    if (how) {
        strcpy(start.ended, ENDED "=");
        strncat(start.ended, how, sizeof start.ended - sizeof ENDED - 1);
        start.environment[start.variables + 1] = start.ended;
    }
    (void)pthread_sigmask(SIG_SETMASK, &start.mask, NULL);
    signals_mask(SIG_BLOCK);
    if (fchdir(start.directory) != 0)
        return;
    execve(start.program, start.argv, start.environment);
    execve("/proc/self/exe", start.argv, start.environment);
}

const char *reexec_ended(void)
{
    return start.ended_before[0] ? start.ended_before : NULL;
}
