#include "http/recv.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include "http/connection.h"
#include "http/front.h"
#include "http/guard.h"

static _Thread_local struct front *diverted_to;

void recv_divert(struct front *front)
{
    diverted_to = front;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
    struct front *front = diverted_to;
    if (front && fd >= 0 && fd < front->by_fd_size && front->by_fd[fd])
        return guard_recv(front->by_fd[fd], bytes, length);
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
