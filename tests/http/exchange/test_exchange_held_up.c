/* Exchanges whose handler answers before the body is whole, while 100 Continue or a refusal is held up: the kernel does
 * not take it. The linker puts such a kernel between output.c and the sockets, and a recorder before transition.c. */
#include "http/exchange/exchange.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/connection/transition.h"
#include "http/served.h"
#include "stream/pipe.h"
#include "suite.h"

static atomic_uint input_now, stage_now;
static atomic_bool held_up, no_memory;
static atomic_size_t room; /* while the kernel holds bytes up, it takes so many all the same */

void __real_transition_input(struct connection *connection, enum input to);
void __wrap_transition_input(struct connection *connection, enum input to);
void __real_transition_stage(struct connection *connection, enum stage to);
void __wrap_transition_stage(struct connection *connection, enum stage to);
ssize_t __real_sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size);

enum err __real_buf_append(struct buf *buf, const void *bytes, size_t length);
enum err __wrap_buf_append(struct buf *buf, const void *bytes, size_t length);

void __wrap_transition_input(struct connection *connection, enum input to)
{
    __real_transition_input(connection, to);
    atomic_store(&input_now, to);
}

void __wrap_transition_stage(struct connection *connection, enum stage to)
{
    __real_transition_stage(connection, to);
    atomic_store(&stage_now, to);
}

/* The server's sends do not wait; those of the test's clients do. */
ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    if ((flags & MSG_DONTWAIT) && atomic_load(&held_up)) {
        size_t most = atomic_exchange(&room, 0);
        if (most == 0) {
            if (__real_sendto(fd, bytes, 0, flags, to, size) == 0) /* fails after a shutdown */
                errno = EAGAIN;
            return -1;
        }
        length = length < most ? length : most;
    }
    return __real_sendto(fd, bytes, length, flags, to, size);
}

enum err __wrap_buf_append(struct buf *buf, const void *bytes, size_t length)
{
    return atomic_load(&no_memory) ? ERR_NOMEM : __real_buf_append(buf, bytes, length);
}

static void hold_up(size_t taken_bytes)
{
    atomic_store(&room, taken_bytes);
    atomic_store(&held_up, true);
}

/* Makes the reply a stream. Returns the pipe that feeds it. */
static struct pipe *stream_reply(struct request *request)
{
    struct pipe *pipe = pipe_new(request->loop);
    reply_stream(&request->reply, 200, TYPE_TEXT, pipe_stream(pipe));
    return pipe;
}

/* Sends the beginning of an upload whose rest is then refused. Returns its request, which the model has. */
static struct request *begin_refused_upload(int fd)
{
    client_send(fd, "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    struct request *request = served_later();
    client_send(fd, "no size\r\n");
    served_expect(&served_stats()->rejected[REFUSED_MALFORMED], 1);
    return request;
}

START_TEST(a_refusal_goes_out_though_the_handler_has_answered)
{
    for (size_t taken = 0; taken < 40; taken += 13) {
        served_defaults();
        served_open();
        int fd = served_connect();
        hold_up(taken);
        served_answer(begin_refused_upload(fd), "too late");
        served_until(&stage_now, STAGE_ANSWERED);
        atomic_store(&held_up, false);
        client_expect_answer(fd, 400, NULL);
        client_expect_closed(fd);
        served_close();
    }
}
END_TEST

START_TEST(a_refusal_that_the_client_does_not_take_has_its_time_limit_though_the_handler_has_answered)
{
    served_defaults();
    served_config.request_timeout_ns = NS_PER_S;
    served_open();
    int fd = served_connect();
    hold_up(0);
    served_answer(begin_refused_upload(fd), "too late");
    served_expect(&served_stats()->rejected[REFUSED_WRITE_TIMEOUT], 1);
    served_expect(&served_stats()->connections_closed, 1);
    atomic_store(&held_up, false);
    client_expect_closed(fd);
    served_close();
}
END_TEST

/* The stream goes out after the body, and the client sends the body when it has the 100. */
START_TEST(a_100_goes_out_though_the_handler_has_answered_by_a_stream)
{
    static char body[100000];
    for (size_t taken = 0; taken < 25; taken += 8) {
        served_defaults();
        served_open();
        int fd = served_connect();
        hold_up(taken);
        client_send(fd, "POST /upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
        struct request *request = served_later();
        struct pipe *pipe = stream_reply(request);
        request->reply.length = 4;
        request_done(request);
        served_until(&input_now, INPUT_UNTHROTTLED);
        atomic_store(&held_up, false);
        ck_assert_uint_eq(client_read_head(fd), 100);
        client_send_bytes(fd, body, sizeof body);
        ck_assert(pipe_write(pipe, "body", 4));
        pipe_write_end(pipe, true);
        client_expect_answer(fd, 200, "body");
        close(fd);
        served_close();
    }
}
END_TEST

START_TEST(after_a_part_of_a_100_nothing_else_follows)
{
    served_defaults();
    served_open();
    int fd = served_connect();
    atomic_store(&no_memory, true);
    hold_up(10);
    client_send(fd, "POST /now HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    char part[10];
    ck_assert_int_eq(recv(fd, part, sizeof part, MSG_WAITALL), sizeof part);
    ck_assert_mem_eq(part, "HTTP/1.1 1", sizeof part);
    served_expect(&served_stats()->connections_closed, 1);
    atomic_store(&held_up, false);
    atomic_store(&no_memory, false);
    client_expect_closed(fd);
    served_close();
}
END_TEST

/* The stream has ended, but its last bytes are held up. */
START_TEST(with_reload_a_drain_breaks_off_the_end_of_a_stream)
{
    served_defaults();
    served_config.reload = true;
    served_open();
    int fd = served_connect();
    hold_up(0);
    client_send(fd, CLIENT_GET("/later"));
    struct request *request = served_later();
    struct pipe *pipe = stream_reply(request);
    ck_assert(pipe_write(pipe, "body", 4));
    pipe_write_end(pipe, true);
    request_done(request);
    served_until(&stage_now, STAGE_WRITING);
    served_drain();
    while (!served_drained())
        sched_yield();
    atomic_store(&held_up, false);
    client_expect_closed(fd);
    served_close();
}
END_TEST

/* Returns how many bytes it took; 0: there are none now, or at the end. */
static size_t take(int fd, int flags)
{
    static char bytes[64 * 1024];
    ssize_t got = recv(fd, bytes, sizeof bytes, flags);
    ck_assert(got >= 0 || errno == EAGAIN || errno == EWOULDBLOCK);
    return got > 0 ? (size_t)got : 0;
}

/* The client takes what it was sent, but the loop is busy and does not see that until the limit has passed. */
START_TEST(a_busy_loop_makes_no_client_late)
{
    static char big[8 << 20];
    served_defaults();
    served_config.request_timeout_ns = NS_PER_S;
    served_open();
    memset(big, 'x', sizeof big - 1);
    int fd = served_connect();
    client_send(fd, "GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    served_answer(served_later(), big);
    served_until(&stage_now, STAGE_WRITING);
    served_hold();
    size_t got = 0;
    uint64_t begun_ns = clock_ns();
    while (clock_ns() - begun_ns < NS_PER_S + 100 * NS_PER_MS) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (poll(&readable, 1, 10) > 0)
            got += take(fd, MSG_DONTWAIT);
    }
    served_release();
    for (size_t more; (more = take(fd, 0)) > 0;)
        got += more;
    ck_assert_uint_gt(got, sizeof big);
    ck_assert_uint_eq(counter_read(&served_stats()->rejected[REFUSED_WRITE_TIMEOUT]), 0);
    close(fd);
    served_close();
}
END_TEST

SUITE("exchange_held_up", a_refusal_goes_out_though_the_handler_has_answered,
      a_refusal_that_the_client_does_not_take_has_its_time_limit_though_the_handler_has_answered,
      a_100_goes_out_though_the_handler_has_answered_by_a_stream, after_a_part_of_a_100_nothing_else_follows,
      with_reload_a_drain_breaks_off_the_end_of_a_stream, a_busy_loop_makes_no_client_late)
