#include "http/wire/interpose.h"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"

static _Thread_local struct io_thread *running;
static _Thread_local interpose_reader *running_reader;
static _Thread_local bool all_reported; /* epoll_wait has no more events for this run */

void interpose_begin(struct io_thread *io_thread, interpose_reader *reader)
{
    running = io_thread;
    running_reader = reader;
    all_reported = false;
}

void interpose_end(void)
{
    running = NULL;
}

/* NULL: the call is none of the daemon's. */
static struct connection *connection_of(int fd)
{
    struct io_thread *io_thread = running;
    return io_thread && fd >= 0 && fd < io_thread->by_fd_size ? io_thread->by_fd[fd] : NULL;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    struct connection *connection = connection_of(fd);
    return connection ? running_reader(connection, bytes, length) : recvfrom(fd, bytes, length, flags, NULL, NULL);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    const struct connection *connection = connection_of(fd);
    if (connection && connection->stage == STAGE_SENT)
        return (ssize_t)length;
    return sendto(fd, bytes, length, flags, NULL, 0);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int wait_ms)
{
    if (!running || fd != running->daemon_epoll_fd)
        return epoll_pwait(fd, events, most, wait_ms, NULL);
    if (all_reported)
        return 0;
    int count = epoll_pwait(fd, events, most, wait_ms, NULL);
    all_reported = count < most;
    return count;
}

static enum err check(const char *name, const void *own)
{
    if (dlsym(RTLD_DEFAULT, name) == own)
        return ERR_OK;
    return err_fail(ERR_SYSTEM,
                    "libraries do not get tandem's %s: a preloaded library (LD_PRELOAD) defines it first, or the "
                    "executable does not export it (-rdynamic)",
                    name);
}

enum err interpose_check(void)
{
    ssize_t (*own_recv)(int, void *, size_t, int) = recv;
    ssize_t (*own_send)(int, const void *, size_t, int) = send;
    int (*own_epoll_wait)(int, struct epoll_event *, int, int) = epoll_wait;
    enum err err = check("recv", *(void **)&own_recv);
    if (!err)
        err = check("send", *(void **)&own_send);
    if (!err)
        err = check("epoll_wait", *(void **)&own_epoll_wait);
    return err;
}
