#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "captured_log.h"
#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

static const char *const names[] = {"4k", "64k", "1m"};
static const size_t sizes[] = {4096, 65536, 1048576};
enum { FILES = 3 };

static char parent[] = "/tmp/tandem-test-XXXXXX";

/* Makes an empty directory, and sets TMPDIR to it. */
static void open_parent(void)
{
    ck_assert_ptr_nonnull(mkdtemp(parent));
    ck_assert_int_eq(setenv("TMPDIR", parent, 1), 0);
    unsetenv("TANDEM_FILES");
}

static unsigned entries(const char *path)
{
    unsigned count = 0;
    DIR *directory = opendir(path);
    ck_assert_ptr_nonnull(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

/* Removes TMPDIR, which must be empty. */
static void close_parent(void)
{
    ck_assert_int_eq(rmdir(parent), 0);
}

static char *path_of(unsigned file)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("TANDEM_FILES"), names[file]);
    return path;
}

static char *read_whole(const char *path, size_t *length)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(fstat(fd, &status), 0);
    *length = (size_t)status.st_size;
    char *bytes = malloc(*length + 1);
    ck_assert_int_eq(read(fd, bytes, *length), (ssize_t)*length);
    close(fd);
    return bytes;
}

START_TEST(the_files_are_made_under_tmpdir_and_told_to_python_and_removed)
{
    open_parent();
    variants_open(&workload_file);
    ck_assert_uint_eq(entries(parent), 1);
    const char *directory = getenv("TANDEM_FILES");
    ck_assert_ptr_nonnull(directory);
    ck_assert_int_eq(strncmp(directory, parent, strlen(parent)), 0);
    ck_assert_uint_eq(entries(directory), FILES);
    for (unsigned i = 0; i < FILES; i++) {
        struct stat status;
        ck_assert_int_eq(stat(path_of(i), &status), 0);
        ck_assert_int_eq(status.st_size, (off_t)sizes[i]);
        ck_assert_uint_eq(status.st_mode & 07777, 0600);
    }
    variants_close();
    close_parent();
}
END_TEST

START_TEST(without_a_tmpdir_they_are_under_tmp)
{
    static const char *const unset_or_empty[] = {NULL, ""};
    for (unsigned i = 0; i < 2; i++) {
        if (unset_or_empty[i])
            setenv("TMPDIR", unset_or_empty[i], 1);
        else
            unsetenv("TMPDIR");
        variants_open(&workload_file);
        const char *files = getenv("TANDEM_FILES");
        ck_assert_ptr_nonnull(files);
        ck_assert_int_eq(strncmp(files, "/tmp/tandem-", 12), 0);
        variants_close();
        ck_assert_int_eq(access(files, F_OK), -1);
    }
}
END_TEST

START_TEST(it_answers_what_is_on_the_disk)
{
    open_parent();
    variants_open(&workload_file);
    variants_call(EVENTED, variants_request(0, 0)); /* libuv opens descriptors of its own in the first call */
    unsigned open_before = entries("/proc/self/fd");
    for (unsigned i = 0; i < FILES; i++)
        for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
            size_t length;
            char *content = read_whole(path_of(i), &length);
            struct request *request = variants_request(i, 0);
            variants_call(variant, request);
            ck_assert_uint_eq(request->reply.status, 200);
            ck_assert_str_eq(request->reply.type, "application/octet-stream");
            ck_assert_uint_eq(request->reply.body_bytes, sizes[i]);
            ck_assert_uint_eq(length, sizes[i]);
            ck_assert_int_eq(memcmp(request->reply.body, content, length), 0);
            free(content);
        }
    ck_assert_uint_eq(entries("/proc/self/fd"), open_before);
    variants_close();
    close_parent();
}
END_TEST

START_TEST(it_reads_for_each_request_anew)
{
    open_parent();
    variants_open(&workload_file);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        for (unsigned i = 0; i < 3; i++) {
            char first = "abc"[i];
            int fd = open(path_of(0), O_WRONLY);
            ck_assert_int_eq(write(fd, &first, 1), 1);
            close(fd);
            struct request *request = variants_request(0, 0);
            variants_call(variant, request);
            ck_assert_int_eq(request->reply.body[0], first);
        }
    variants_close();
    close_parent();
}
END_TEST

/* Expects a 500, the path and the reason in the log, and no descriptor left open. */
static void expect_failure(enum variant variant, unsigned file, const char *verb, const char *reason)
{
    char expected[1200];
    snprintf(expected, sizeof expected, "in test-model failed: cannot %s %s: %s\n", verb, path_of(file), reason);
    struct request *request = variants_request(file, 0);
    captured_log_begin();
    variants_call(variant, request);
    const char *log = captured_log_end();
    variants_expect_failure(request);
    const char *found = strstr(log, expected);
    ck_assert_msg(found && strchr(log, '\n') == log + strlen(log) - 1, "%s, not one line of %s", log, expected);
}

START_TEST(a_file_that_cannot_be_read_is_a_500_and_the_log_says_why)
{
    open_parent();
    variants_open(&workload_file);
    ck_assert_int_eq(truncate(path_of(0), 4095), 0);
    ck_assert_int_eq(unlink(path_of(1)), 0);
    ck_assert_int_eq(unlink(path_of(2)), 0);
    ck_assert_int_eq(mkdir(path_of(2), 0700), 0);          /* a directory can be opened, but not read */
    expect_failure(EVENTED, 0, "read", "it is too short"); /* libuv's own descriptors, as above */
    unsigned open_before = entries("/proc/self/fd");
    expect_failure(EVENTED, 0, "read", "it is too short");
    expect_failure(EVENTED, 1, "read", "no such file or directory");
    expect_failure(EVENTED, 2, "read", "illegal operation on a directory");
    expect_failure(BLOCKING, 0, "read", "it is too short");
    expect_failure(BLOCKING, 1, "read", "No such file or directory");
    expect_failure(BLOCKING, 2, "read", "Is a directory");
    ck_assert_uint_eq(entries("/proc/self/fd"), open_before);
    ck_assert_int_eq(rmdir(path_of(2)), 0);
    variants_close();
    close_parent();
}
END_TEST

static void expect_no_setup(const char *name)
{
    ck_assert_int_eq(workload_file.setup(), ERR_SYSTEM);
    ck_assert_msg(strstr(err_message(), name) != NULL, "%s does not name %s", err_message(), name);
    ck_assert_ptr_null(strstr(err_message(), "Success"));
    ck_assert_ptr_null(getenv("TANDEM_FILES"));
}

START_TEST(a_tmpdir_that_is_none_fails_the_setup)
{
    unsetenv("TANDEM_FILES");
    setenv("TMPDIR", "/nonexistent/tmp", 1);
    expect_no_setup("TMPDIR (/nonexistent/tmp) for /file: No such file or directory");
    setenv("TMPDIR", "/dev/null", 1);
    expect_no_setup("TMPDIR (/dev/null) for /file: Not a directory");
}
END_TEST

/* The name fits into the buffer exactly, or is one byte too long. */
START_TEST(a_tmpdir_may_have_a_long_name_but_not_any)
{
    char name[600];
    open_parent();
    int length = snprintf(name, sizeof name, "%s/", parent);
    memset(name + length, 'd', 250);
    name[length + 250] = '\0';
    ck_assert_int_eq(mkdir(name, 0700), 0);
    strcat(name, "/");
    size_t from = strlen(name);
    memset(name + from, 'e', 600 - from);
    for (size_t total = 497; total <= 498; total++) {
        name[total] = '\0';
        ck_assert_int_eq(mkdir(name, 0700), 0);
        setenv("TMPDIR", name, 1);
        if (total == 497) {
            variants_open(&workload_file);
            ck_assert_int_eq(access(path_of(2), R_OK), 0);
            variants_close();
            unsetenv("TANDEM_FILES");
        } else {
            expect_no_setup(parent);
        }
        ck_assert_int_eq(rmdir(name), 0);
        name[total] = 'e';
    }
    name[from - 1] = '\0';
    ck_assert_int_eq(rmdir(name), 0);
    close_parent();
}
END_TEST

/* Limits the size of files. The write of a larger file falls short, or fails if none of it fits. */
static void expect_no_room(rlim_t limit, const char *name)
{
    struct rlimit before, small;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = limit;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    errno = 0;
    expect_no_setup(name);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
}

START_TEST(files_that_cannot_be_written_fail_the_setup_and_leave_nothing)
{
    open_parent();
    signal(SIGXFSZ, SIG_IGN);
    expect_no_room(0, "/4k for /file: File too large");
    close_parent();
}
END_TEST

START_TEST(a_file_that_is_written_in_part_only_fails_the_setup_and_the_reason_is_one)
{
    open_parent();
    signal(SIGXFSZ, SIG_IGN);
    expect_no_room(65536 - 1, "/64k for /file: ");
    expect_no_room(65536, "/1m for /file: ");
    close_parent();
}
END_TEST

SUITE("file", the_files_are_made_under_tmpdir_and_told_to_python_and_removed, without_a_tmpdir_they_are_under_tmp,
      it_answers_what_is_on_the_disk, it_reads_for_each_request_anew,
      a_file_that_cannot_be_read_is_a_500_and_the_log_says_why, a_tmpdir_that_is_none_fails_the_setup,
      a_tmpdir_may_have_a_long_name_but_not_any, files_that_cannot_be_written_fail_the_setup_and_leave_nothing,
      a_file_that_is_written_in_part_only_fails_the_setup_and_the_reason_is_one)
