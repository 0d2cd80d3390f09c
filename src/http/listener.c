#include "http/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "http/front.h"

enum { ACCEPTS_PER_EVENT = 64 };

static void resume(struct listener *listener);

static void pause_accepting(struct listener *listener)
{
    listener->paused = true;
    uv_poll_stop(&listener->poll);
}

/* False where nothing more is to be accepted now. */
static bool accept_one(struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t address_bytes = sizeof address;
    if (front_connections(listener->front) >= listener->max_connections) {
        pause_accepting(listener);
        return false;
    }
    int fd = accept4(listener->fd, (struct sockaddr *)&address, &address_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        if (front_adopt(listener->front, fd, (struct sockaddr *)&address, address_bytes))
            log_warn("%s", err_message());
        return true;
    }
    if (errno == ECONNABORTED || errno == EINTR)
        return true;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_warn("cannot accept a connection: %s; waiting for one to close", strerror(errno));
        if (listener->front->connection_count > 0)
            pause_accepting(listener);
    } else if (errno != EAGAIN) {
        log_error("cannot accept a connection: %s", strerror(errno));
    }
    return false;
}

static void on_connectable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS_PER_EVENT && accept_one(poll->data); i++)
        continue;
}

static void resume(struct listener *listener)
{
    listener->paused = false;
    CHECK(uv_poll_start(&listener->poll, UV_READABLE, on_connectable) == 0);
}

/* "http://127.0.0.1:8080", with the port that the kernel chose. */
static void format_url(struct listener *listener)
{
    struct sockaddr_storage address = {0};
    socklen_t address_bytes = sizeof address;
    char host[64], port[16];
    CHECK(getsockname(listener->fd, (struct sockaddr *)&address, &address_bytes) == 0);
    CHECK(getnameinfo((struct sockaddr *)&address, address_bytes, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV) == 0);
    bool brackets = address.ss_family == AF_INET6;
    (void)snprintf(listener->url, sizeof listener->url, "http://%s%s%s:%s", brackets ? "[" : "", host,
                   brackets ? "]" : "", port);
}

static enum err listen_on(const struct addrinfo *address, const struct config *config, int *out)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) {
        *out = fd;
        return ERR_OK;
    }
    enum err err = err_fail(ERR_SYSTEM, "cannot listen on --host %s --port %u: %s", config->host,
                            (unsigned)config->port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return err;
}

enum err listener_open(struct listener *listener, uv_loop_t *loop, const struct config *config)
{
    char port[16];
    (void)snprintf(port, sizeof port, "%u", (unsigned)config->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses;
    int status = getaddrinfo(config->host, port, &hints, &addresses);
    if (status)
        return err_fail(ERR_INVALID, "--host: '%s' is no address or name of this machine: %s", config->host,
                        gai_strerror(status));
    *listener = (struct listener){.max_connections = config->max_connections};
    enum err err = listen_on(addresses, config, &listener->fd);
    freeaddrinfo(addresses);
    if (err)
        return err;
    format_url(listener);
    CHECK(uv_poll_init(loop, &listener->poll, listener->fd) == 0);
    listener->poll.data = listener;
    return ERR_OK;
}

void listener_start(struct listener *listener, struct front *front)
{
    listener->front = front;
    resume(listener);
}

void listener_on_closed(struct listener *listener)
{
    if (listener->paused && !uv_is_closing((uv_handle_t *)&listener->poll))
        resume(listener);
}

void listener_drain(struct listener *listener)
{
    while (accept_one(listener))
        continue;
    listener_close(listener);
}

void listener_close(struct listener *listener)
{
    if (uv_is_closing((uv_handle_t *)&listener->poll))
        return;
    uv_close((uv_handle_t *)&listener->poll, NULL);
    close(listener->fd);
}
