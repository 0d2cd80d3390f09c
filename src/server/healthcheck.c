#include "server/healthcheck.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "models/models.h"
#include "pages/health.h"
#include "server/mounts.h"

enum { REQUEST_BYTES_MAX = 1024, ANSWER_BYTES_MAX = 4096, STATUS_BYTES = 12 /* HTTP/1.1 200 */ };

/* Replaces the wildcard address, on which the server listens on all interfaces, with the loopback address. */
static void to_loopback(struct sockaddr *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
    if (address->sa_family == AF_INET && v4->sin_addr.s_addr == htonl(INADDR_ANY))
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
        v6->sin6_addr = in6addr_loopback;
}

/* Returns false with errno set if poll fails; ETIMEDOUT if the time timeout_at_ns comes first. */
static bool wait_for(int fd, short events, uint64_t timeout_at_ns)
{
    struct pollfd polled = {.fd = fd, .events = events};
    int ready;
    do {
        uint64_t left_ns = clock_between(clock_ns(), timeout_at_ns);
        ready = poll(&polled, 1, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

static bool connect_to(int fd, const struct addrinfo *address, uint64_t timeout_at_ns)
{
    int error = 0;
    socklen_t error_bytes = sizeof error;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, timeout_at_ns))
        return false;
    CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_bytes) == 0);
    errno = error;
    return error == 0;
}

/* Reads to the end of the answer, or until the buffer is full: closing with bytes unread would reset the
 * connection. */
static bool receive(int fd, char answer[ANSWER_BYTES_MAX + 1], uint64_t timeout_at_ns)
{
    size_t length = 0;
    ssize_t got = 1;
    while (got != 0 && length < ANSWER_BYTES_MAX) {
        if (!wait_for(fd, POLLIN, timeout_at_ns))
            return false;
        got = recv(fd, answer + length, ANSWER_BYTES_MAX - length, 0);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        length += got > 0 ? (size_t)got : 0;
    }
    answer[length] = '\0';
    return true;
}

/* A single send is enough: the request is far smaller than the socket's empty send buffer. */
static bool exchange(const struct addrinfo *address, const char *path, char answer[ANSWER_BYTES_MAX + 1],
                     uint64_t timeout_at_ns)
{
    char request[REQUEST_BYTES_MAX];
    int length =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool done = connect_to(fd, address, timeout_at_ns) && send(fd, request, (size_t)length, MSG_NOSIGNAL) == length &&
                receive(fd, answer, timeout_at_ns);
    int error = errno;
    close(fd);
    errno = error;
    return done;
}

static enum err judge(const char *url, const char *answer)
{
    char status[4];
    int length = 0;
    if (sscanf(answer, "HTTP/1.%*1[01]%*1[ ]%3[0-9]%n", status, &length) != 1 || length != STATUS_BYTES)
        return err_fail(ERR_SYSTEM, "not ready: what answers at %s is not HTTP", url);
    if (strcmp(status, "200") != 0)
        return err_fail(ERR_SYSTEM, "not ready: %s answers %s", url, status);
    if (!strstr(answer, "\r\n\r\n" HEALTH_READY))
        return err_fail(ERR_SYSTEM, "not ready: what answers at %s is not tandem; --pages says where its pages are",
                        url);
    return ERR_OK;
}

static enum err ask(const struct addrinfo *address, const char *path, uint64_t timeout_ns, uint64_t timeout_at_ns)
{
    char host[64], port[16], url[128 + REQUEST_BYTES_MAX], answer[ANSWER_BYTES_MAX + 1];
    CHECK(getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    bool brackets = address->ai_family == AF_INET6;
    (void)snprintf(url, sizeof url, "http://%s%s%s:%s%s", brackets ? "[" : "", host, brackets ? "]" : "", port, path);
    if (exchange(address, path, answer, timeout_at_ns))
        return judge(url, answer);
    if (errno == ETIMEDOUT)
        return err_fail(ERR_SYSTEM, "not ready: no answer from %s within %g s", url, clock_seconds(timeout_ns));
    return err_fail(ERR_SYSTEM, "not ready: %s: %s", url, strerror(errno));
}

enum err healthcheck_ask(const char *host, uint64_t port, const char *path, uint64_t timeout_ns)
{
    char port_text[16];
    (void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses;
    int status = getaddrinfo(host, port_text, &hints, &addresses);
    if (status)
        return err_fail(ERR_SYSTEM, "not ready: --host '%s' cannot be looked up: %s", host, gai_strerror(status));
    uint64_t timeout_at_ns = clock_ns() + timeout_ns;
    to_loopback(addresses->ai_addr);
    enum err err = ask(addresses, path, timeout_ns, timeout_at_ns); /* the first address, as the listener does */
    freeaddrinfo(addresses);
    return err;
}

/* *out: the prefix of the pages that the server has, as far as the configuration says. */
static enum err find_prefix(const struct config *config, const char **out)
{
    struct models models;
    enum err err = models_select(&models, config->mode);
    if (err)
        return err;
    *out = config->admin != CONFIG_NONE ? "" : mounts_pages_prefix(config, &models);
    if (!*out)
        return err_fail(ERR_INVALID, "--healthcheck: --pages off leaves no page to ask; --admin PORT serves one");
    return ERR_OK;
}

static enum err ask_below(const char *prefix, const struct config *config, uint64_t port)
{
    char path[REQUEST_BYTES_MAX / 2];
    (void)snprintf(path, sizeof path, "%s/readyz", prefix);
    return healthcheck_ask(config->host, port, path, config->healthcheck_timeout_ns);
}

enum err healthcheck(const struct config *config)
{
    const char *prefix;
    enum err err = find_prefix(config, &prefix);
    if (err)
        return err;
    bool admin = config->admin != CONFIG_NONE;
    uint64_t port = admin ? config->admin : config->port;
    if (port == 0)
        return err_fail(ERR_INVALID,
                        "--healthcheck: needs the port of the server that it asks, and %s 0 is any free one",
                        admin ? "--admin" : "--port");
    err = ask_below(prefix, config, port);
    if (!err || *prefix || admin || config->pages)
        return err;
    /* The app is often given to the server alone, on its command line: then its pages are elsewhere. */
    char said[ERR_MESSAGE_BYTES];
    (void)snprintf(said, sizeof said, "%s", err_message());
    return ask_below(MOUNTS_PAGES_PREFIX, config, port) == ERR_OK ? ERR_OK : err_fail(err, "%s", said);
}
