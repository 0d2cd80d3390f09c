#include "captured_log.h"

#include "assertions.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int own_stderr, file;

void captured_log_begin(void)
{
    own_stderr = dup(STDERR_FILENO);
    file = memfd_create("log", MFD_CLOEXEC);
    ck_assert_int_ge(own_stderr, 0);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(fcntl(file, F_SETFL, O_APPEND), 0); /* as a log file is opened: writes do not overlap */
    ck_assert_int_eq(dup2(file, STDERR_FILENO), STDERR_FILENO);
}

const char *captured_log_end(void)
{
    static char text[256 * 1024];
    ck_assert_int_eq(dup2(own_stderr, STDERR_FILENO), STDERR_FILENO);
    close(own_stderr);
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    ck_assert_int_ge(length, 0);
    close(file);
    text[length] = '\0';
    return text;
}
