/* /file: opens, reads and closes a file for each request.
 *
 * The files are written at startup, in a new directory under TMPDIR, and removed at the end. The environment variable
 * TANDEM_FILES names that directory for the Python variants. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "core/loop.h"
#include "core/request.h"
#include "workloads/workloads.h"

enum { FILE_READS_PER_LOOP = 32 };

static const char *const names[] = {"4k", "64k", "1m"};
static const size_t sizes[] = {4 * 1024, 64 * 1024, 1024 * 1024};
enum { FILE_COUNT = sizeof sizes / sizeof sizes[0] };

static char directory[512];
static char paths[FILE_COUNT][520];

static enum err write_file(const char *path, size_t bytes)
{
    static const char pattern[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
    char *content = malloc(bytes);
    if (!content)
        return err_fail(ERR_NOMEM, "out of memory for /file");
    for (size_t i = 0; i < bytes; i += sizeof pattern - 1)
        memcpy(content + i, pattern, sizeof pattern - 1);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t put = fd < 0 ? -1 : 0;
    /* A full disk first accepts the part that still fits; the next call returns the error. */
    for (size_t done = 0; put >= 0 && done < bytes; done += (size_t)put)
        put = write(fd, content + done, bytes - done);
    enum err err = put < 0 ? err_fail(ERR_SYSTEM, "cannot write %s for /file: %s", path, strerror(errno)) : ERR_OK;
    if (fd >= 0)
        close(fd);
    free(content);
    return err;
}

static void teardown(void)
{
    for (unsigned i = 0; i < FILE_COUNT; i++)
        unlink(paths[i]);
    rmdir(directory);
}

static enum err setup(void)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(directory, sizeof directory, "%s/tandem-XXXXXX", parent && *parent ? parent : "/tmp");
    if (length >= (int)sizeof directory || !mkdtemp(directory))
        return err_fail(ERR_SYSTEM, "cannot make a directory under TMPDIR (%s) for /file: %s",
                        parent && *parent ? parent : "/tmp", strerror(errno));
    for (unsigned i = 0; i < FILE_COUNT; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", directory, names[i]);
        enum err err = write_file(paths[i], sizes[i]);
        if (err) {
            teardown();
            return err;
        }
    }
    if (setenv("TANDEM_FILES", directory, 1) == 0)
        return ERR_OK;
    teardown();
    return err_fail(ERR_NOMEM, "out of memory for the environment");
}

static void answer(struct request *request, char *bytes, size_t length)
{
    reply_take(&request->reply, 200, TYPE_BYTES, bytes, length);
}

static void run(struct request *request)
{
    size_t size = sizes[request->params[0]];
    const char *path = paths[request->params[0]];
    char *bytes = malloc(size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;
    if (bytes && fd >= 0)
        got = read(fd, bytes, size);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (got == (ssize_t)size) {
        answer(request, bytes, size);
        return;
    }
    free(bytes);
    request_fail(request, "cannot read %s: %s", path, got >= 0 ? "it is too short" : strerror(error));
}

/* The evented variant: opens, reads and closes in libuv's pool, one step after the other. */
struct reading {
    uv_fs_t fs;
    struct request *request;
    uv_file file;
    char *bytes;
    ssize_t got; /* bytes read, or libuv's error */
};

/* libuv's pool is first in, first out: it would open all files before it closes the first one, and run out of
 * descriptors. So each loop works on only FILE_READS_PER_LOOP requests at a time, and holds back the others. A loop is
 * a thread, hence _Thread_local. */
static _Thread_local unsigned under_way;
static _Thread_local struct request_list held_back;

static void start(struct request *request);

static void end(struct reading *reading)
{
    free(reading);
    under_way--;
    struct request *next = request_list_pop(&held_back);
    if (next)
        start(next);
}

static void on_closed(uv_fs_t *fs)
{
    struct reading *reading = fs->data;
    struct request *request = reading->request;
    size_t size = sizes[request->params[0]];
    uv_fs_req_cleanup(fs);
    if (reading->got == (ssize_t)size) {
        answer(request, reading->bytes, size);
    } else {
        free(reading->bytes);
        request_fail(request, "cannot read %s: %s", paths[request->params[0]],
                     reading->got >= 0 ? "it is too short" : uv_strerror((int)reading->got));
    }
    end(reading);
    request_done(request);
}

static void on_read(uv_fs_t *fs)
{
    struct reading *reading = fs->data;
    reading->got = fs->result;
    uv_fs_req_cleanup(fs);
    int status = uv_fs_close(fs->loop, fs, reading->file, on_closed);
    if (status) {
        fs->result = status;
        on_closed(fs);
    }
}

static void on_opened(uv_fs_t *fs)
{
    struct reading *reading = fs->data;
    reading->got = fs->result;
    uv_fs_req_cleanup(fs);
    if (reading->got < 0) {
        on_closed(fs);
        return;
    }
    reading->file = (uv_file)reading->got;
    uv_buf_t buffer = uv_buf_init(reading->bytes, (unsigned)sizes[reading->request->params[0]]);
    int status = uv_fs_read(fs->loop, fs, reading->file, &buffer, 1, 0, on_read);
    if (status) {
        fs->result = status;
        on_read(fs);
    }
}

static void start(struct request *request)
{
    if (under_way == FILE_READS_PER_LOOP) {
        request_list_push(&held_back, request);
        return;
    }
    struct reading *reading = calloc(1, sizeof *reading);
    char *bytes = malloc(sizes[request->params[0]]);
    int status = UV_ENOMEM;
    under_way++;
    if (reading && bytes) {
        reading->fs.data = reading;
        reading->request = request;
        reading->bytes = bytes;
        status =
            uv_fs_open(&request->loop->uv, &reading->fs, paths[request->params[0]], O_RDONLY | O_CLOEXEC, 0, on_opened);
    }
    if (status) {
        free(bytes);
        request_fail(request, "cannot open %s: %s", paths[request->params[0]], uv_strerror(status));
        end(reading);
        request_done(request);
    }
}

const struct workload workload_file = {
    .name = "file",
    .files_per_loop = FILE_READS_PER_LOOP,
    .params = {{.name = "size", .fallback = 0, .choices = {"4k", "64k", "1m"}}},
    .setup = setup,
    .teardown = teardown,
    .run = run,
    .start = start,
};
