#include "http/accept/listen_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

void listen_socket_url(int fd, char out[LISTEN_SOCKET_URL_BYTES])
{
    struct sockaddr_storage address = {0};
    socklen_t address_bytes = sizeof address;
    char host[64], port[16];
    CHECK(getsockname(fd, (struct sockaddr *)&address, &address_bytes) == 0);
    CHECK(getnameinfo((struct sockaddr *)&address, address_bytes, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    bool brackets = address.ss_family == AF_INET6;
    (void)snprintf(out, LISTEN_SOCKET_URL_BYTES, "http://%s%s%s:%s", brackets ? "[" : "", host, brackets ? "]" : "",
                   port);
}

/* The caller frees *addresses with freeaddrinfo. */
static enum err look_up(const char *host, uint64_t port, struct addrinfo **addresses)
{
    char port_text[16];
    (void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int status = getaddrinfo(host, port_text, &hints, addresses);
    return status ? err_fail(ERR_INVALID, "--host: '%s' is no address or name of this machine: %s", host,
                             gai_strerror(status))
                  : ERR_OK;
}

/* Small pieces of a stream go out at once (tcp(7), TCP_NODELAY). Accepted connections inherit it. */
static bool set_no_delay(int fd)
{
    int on = 1;
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

static enum err listen_on(const struct addrinfo *address, int *out)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && set_no_delay(fd) &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
        *out = fd;
        return ERR_OK;
    }
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return ERR_SYSTEM;
}

enum err listen_socket_open(const char *host, const char *option, uint64_t port, int *out)
{
    struct addrinfo *addresses;
    enum err err = look_up(host, port, &addresses);
    if (err)
        return err;
    err = listen_on(addresses, out);
    freeaddrinfo(addresses);
    return err ? err_fail(err, "cannot listen on --host %s %s %u: %s", host, option, (unsigned)port, strerror(errno))
               : ERR_OK;
}

/* True if the addresses are the same. Port 0 in wanted stands for any port. */
static bool is_same(const struct sockaddr_storage *bound, const struct sockaddr *wanted)
{
    if (bound->ss_family != wanted->sa_family)
        return false;
    if (wanted->sa_family == AF_INET) {
        const struct sockaddr_in *a = (const struct sockaddr_in *)bound, *b = (const struct sockaddr_in *)wanted;
        return a->sin_addr.s_addr == b->sin_addr.s_addr && (b->sin_port == 0 || a->sin_port == b->sin_port);
    }
    const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)bound, *b = (const struct sockaddr_in6 *)wanted;
    return wanted->sa_family == AF_INET6 && memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
           a->sin6_scope_id == b->sin6_scope_id && (b->sin6_port == 0 || a->sin6_port == b->sin6_port);
}

static bool listens(int fd)
{
    int type = 0, accepts = 0;
    socklen_t bytes = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 || type != SOCK_STREAM)
        return false;
    bytes = sizeof accepts;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &bytes) == 0 && accepts;
}

enum err listen_socket_adopt(int fd, const char *host, const char *option, uint64_t port)
{
    if (!listens(fd))
        return err_fail(ERR_INVALID, "the descriptor %d that was handed over for %s is no listening socket", fd,
                        option);
    struct sockaddr_storage bound = {0};
    socklen_t bytes = sizeof bound;
    CHECK(getsockname(fd, (struct sockaddr *)&bound, &bytes) == 0);
    struct addrinfo *addresses;
    enum err err = look_up(host, port, &addresses);
    if (err)
        return err;
    bool found = false;
    for (const struct addrinfo *address = addresses; address && !found; address = address->ai_next)
        found = is_same(&bound, address->ai_addr);
    freeaddrinfo(addresses);
    if (!found)
        return err_fail(ERR_INVALID, "the socket that was handed over (descriptor %d) is not bound to --host %s %s %u",
                        fd, host, option, (unsigned)port);
    CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && set_no_delay(fd));
    int flags = fcntl(fd, F_GETFL);
    CHECK(flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    return ERR_OK;
}
