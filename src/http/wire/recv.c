#include "http/wire/recv.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"

static _Thread_local struct io_thread *diverted_to;
static _Thread_local recv_reader *diverted_reader;

void recv_divert(struct io_thread *io_thread, recv_reader *reader)
{
    diverted_to = io_thread;
    diverted_reader = reader;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    struct io_thread *io_thread = diverted_to;
    if (io_thread && fd >= 0 && fd < io_thread->by_fd_size && io_thread->by_fd[fd])
        return diverted_reader(io_thread->by_fd[fd], bytes, length);
    return recvfrom(fd, bytes, length, flags, NULL, NULL);
}

enum err recv_check(void)
{
    void *first = dlsym(RTLD_DEFAULT, "recv");
    ssize_t (*own)(int, void *, size_t, int) = recv;
    if (first != *(void **)&own)
        return err_fail(ERR_SYSTEM, "libraries do not get tandem's recv: the executable must export it (-rdynamic)");
    return ERR_OK;
}
