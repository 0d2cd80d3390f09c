#include "http/wire/output.h"

#include <errno.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/check.h"
#include "http/connection/socket_watch.h"

enum {
    SENDFILE_BYTES_MAX = 1024 * 1024, /* per call: sendfile(2) waits for a slow disk, and the loop waits with it */
    COPIED_BYTES_MAX = 16 * 1024,
};

/* Sends a piece of a file by a copy. Returns as send(2) does. */
static ssize_t send_copied(int fd, const struct output_body *body)
{
    char bytes[COPIED_BYTES_MAX];
    ssize_t got =
        pread(body->file, bytes, body->left < sizeof bytes ? (size_t)body->left : sizeof bytes, (off_t)body->at);
    return got > 0 ? sendto(fd, bytes, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0) : got;
}

/* Sends a piece of a file. Returns as send(2) does. A file that has ended too early is EIO. */
static ssize_t send_file(int fd, const struct output_body *body)
{
    off_t at = (off_t)body->at;
    ssize_t sent =
        sendfile(fd, body->file, &at, body->left < SENDFILE_BYTES_MAX ? (size_t)body->left : SENDFILE_BYTES_MAX);
    if (sent < 0 && errno == EINVAL) /* a file system that cannot */
        sent = send_copied(fd, body);
    if (sent == 0)
        errno = EIO;
    return sent > 0 ? sent : -1;
}

/* Sends once: of head, and of the body after it. Returns how many bytes of both together the kernel took; -1 as
 * send(2) does. */
static ssize_t send_once(const struct connection *connection, const char *head, size_t head_bytes,
                         const struct output_body *body)
{
    int fd = connection->fd;
    if (body->left == 0)
        return sendto(fd, head, head_bytes, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0);
    if (body->bytes) {
        struct iovec parts[2] = {{(void *)(uintptr_t)head, head_bytes},
                                 {(void *)(uintptr_t)body->bytes, (size_t)body->left}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (head_bytes)
        return sendto(fd, head, head_bytes, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE, NULL, 0);
    return send_file(fd, body);
}

static void body_sent(struct output_body *body, size_t bytes)
{
    if (body->bytes)
        body->bytes += bytes;
    body->at += bytes;
    body->left -= bytes;
}

/* Sends head and the body until the kernel takes no more. *head_sent: of head. A partial send means that the socket's
 * buffer is full, so it is not tried again. After the head of a file, the file itself is. */
static enum output_result send_all(const struct connection *connection, const char *head, size_t head_bytes,
                                   struct output_body *body, size_t *head_sent)
{
    *head_sent = 0;
    while (*head_sent < head_bytes || body->left > 0) {
        size_t head_left = head_bytes - *head_sent;
        ssize_t sent = send_once(connection, head + *head_sent, head_left, body);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? OUTPUT_BLOCKED : OUTPUT_FAILED;
        bool file_follows = body->left > 0 && !body->bytes && head_left > 0;
        size_t of_head = (size_t)sent < head_left ? (size_t)sent : head_left;
        *head_sent += of_head;
        body_sent(body, (size_t)sent - of_head);
        if (*head_sent < head_bytes || (body->left > 0 && !file_follows))
            return OUTPUT_BLOCKED;
    }
    return OUTPUT_SENT;
}

enum output_result output_send(struct connection *connection, const char *head, size_t head_bytes,
                               const struct output_body *body)
{
    struct output *output = &connection->output;
    struct output_body rest = *body;
    size_t head_sent = 0;
    CHECK(output->body.left == 0);
    bool waits = output->head.length > 0;
    enum output_result result = waits ? OUTPUT_BLOCKED : send_all(connection, head, head_bytes, &rest, &head_sent);
    if (result != OUTPUT_BLOCKED)
        return result;
    if (buf_append(&output->head, head + head_sent, head_bytes - head_sent))
        return OUTPUT_FAILED;
    output->body = rest;
    return waits ? output_flush(connection) : OUTPUT_BLOCKED;
}

enum output_result output_flush(struct connection *connection)
{
    struct output *output = &connection->output;
    size_t head_sent;
    enum output_result result =
        send_all(connection, output->head.bytes, output->head.length, &output->body, &head_sent);
    if (head_sent == output->head.length)
        buf_free(&output->head);
    else
        buf_consume(&output->head, head_sent);
    return result;
}

/* False: there is more to wait for. */
static bool write_more(struct connection *connection, bool broken)
{
    enum output_result result = broken ? OUTPUT_FAILED : output_flush(connection);
    if (result == OUTPUT_BLOCKED)
        return false;
    socket_watch_stop(connection);
    if (connection->output.on_end)
        connection->output.on_end(connection, result == OUTPUT_FAILED);
    return true;
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    (void)write_more(poll->data, status < 0);
}

bool output_wait(struct connection *connection, void (*on_end)(struct connection *connection, bool failed))
{
    connection->output.on_end = on_end;
    return socket_watch_start(connection, UV_WRITABLE, on_writable);
}

enum output_result output_catch_up(struct connection *connection)
{
    struct pollfd writable = {.fd = connection->fd, .events = POLLOUT};
    if (poll(&writable, 1, 0) != 1 || writable.revents != POLLOUT)
        return OUTPUT_FAILED;
    return write_more(connection, false) ? OUTPUT_SENT : OUTPUT_BLOCKED;
}

void output_drop(struct connection *connection)
{
    buf_free(&connection->output.head);
    connection->output.body.left = 0;
}
