/* Bodies on their way to a request or its handler, tested through sockets. The linker puts the functions below between
 * the server and what it calls, to see which bytes are read without a copy, and to let memory run out. */
#include "http/request/body_reader.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/client.h"
#include "http/connection/connection.h"
#include "http/connection/io_thread_state.h"
#include "http/served.h"
#include "stream/pipe.h"
#include "suite.h"

enum { LONGEST = 1024 * 1024, CHUNK_BYTES = 5000 };
enum framing { BY_LENGTH, CHUNKED };

/* Direct reads before the request of the body has begun [0], and after that [1]: their number, and the most bytes that
 * one asked for. */
static atomic_uint reads[2];
static atomic_size_t asked_max[2];
static _Thread_local struct connection *in_direct_read;
static atomic_uint restarts; /* of time limits, by the body reader */
static atomic_bool no_memory;

#define WRAPPED(result, name, ...)                                                                                     \
    result __real_##name(__VA_ARGS__);                                                                                 \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(ssize_t, body_read, struct connection *);
WRAPPED(ssize_t, recvfrom, int, void *, size_t, int, struct sockaddr *, socklen_t *);
WRAPPED(enum err, request_body_reserve, struct request *, size_t);
WRAPPED(enum err, request_body_append, struct request *, const char *, size_t);
WRAPPED(enum err, buf_reserve, struct buf *, size_t);
WRAPPED(void, timeouts_restart, struct timeouts *, struct connection *);

ssize_t __wrap_body_read(struct connection *connection)
{
    atomic_fetch_add(&reads[connection->filling == connection->request], 1);
    in_direct_read = connection;
    ssize_t got = __real_body_read(connection);
    in_direct_read = NULL;
    return got;
}

ssize_t __wrap_recvfrom(int fd, void *bytes, size_t length, int flags, struct sockaddr *from, socklen_t *from_bytes)
{
    if (in_direct_read) {
        atomic_size_t *max = &asked_max[in_direct_read->filling == in_direct_read->request];
        if (length > atomic_load(max))
            atomic_store(max, length);
    }
    return __real_recvfrom(fd, bytes, length, flags, from, from_bytes);
}

enum err __wrap_request_body_reserve(struct request *request, size_t more)
{
    return atomic_load(&no_memory) ? ERR_NOMEM : __real_request_body_reserve(request, more);
}

enum err __wrap_request_body_append(struct request *request, const char *bytes, size_t length)
{
    return atomic_load(&no_memory) ? ERR_NOMEM : __real_request_body_append(request, bytes, length);
}

enum err __wrap_buf_reserve(struct buf *buf, size_t more)
{
    return atomic_load(&no_memory) && in_direct_read ? ERR_NOMEM : __real_buf_reserve(buf, more);
}

void __wrap_timeouts_restart(struct timeouts *timeouts, struct connection *connection)
{
    __real_timeouts_restart(timeouts, connection);
    atomic_fetch_add(&restarts, 1);
}

static char body[LONGEST];

static void open_server(size_t max_body)
{
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)(' ' + i % 89); /* a prime, so that no two pieces of a power of two are equal */
    served_defaults();
    served_config.max_body_bytes = max_body;
    served_config.linger_ns = 60 * NS_PER_S; /* a slow test thread must not be too late for it */
    served_open();
}

static void send_head(int fd, const char *path, enum framing framing, size_t bytes)
{
    char head[256];
    if (framing == CHUNKED)
        snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", path);
    else
        snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path, bytes);
    client_send(fd, head);
}

static void send_chunks(int fd, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += CHUNK_BYTES) {
        char chunk[CHUNK_BYTES + 16];
        size_t run = bytes - at < CHUNK_BYTES ? bytes - at : CHUNK_BYTES;
        size_t size_bytes = (size_t)snprintf(chunk, sizeof chunk, "%zx\r\n", run);
        memcpy(chunk + size_bytes, body + at, run);
        memcpy(chunk + size_bytes + run, "\r\n", 2);
        client_send_bytes(fd, chunk, size_bytes + run + 2);
    }
}

/* Sends the beginning of the body, or all of it but the last chunk. */
static void send_part(int fd, enum framing framing, size_t bytes)
{
    if (framing == CHUNKED)
        send_chunks(fd, bytes);
    else
        client_send_bytes(fd, body, bytes);
}

static void send_body(int fd, enum framing framing, size_t bytes)
{
    send_part(fd, framing, bytes);
    if (framing == CHUNKED)
        client_send(fd, "0\r\n\r\n");
}

static void answer(int fd, struct request *request)
{
    served_answer(request, "got it");
    client_expect_answer(fd, 200, "got it");
}

/* Expects that the request has its whole body, and answers it. */
static void take_whole(int fd, size_t bytes)
{
    struct request *request = served_later();
    ck_assert_ptr_null(request->body_reader);
    ck_assert_uint_eq(request->body_bytes, bytes);
    ck_assert(bytes == 0 || memcmp(request->body, body, bytes) == 0);
    answer(fd, request);
}

/* Reads the rest of a body that streams in, and returns the last result of pipe_read. */
static ssize_t read_to_end(struct request *request, struct buf *got)
{
    ssize_t bytes = 1;
    while (bytes > 0)
        bytes = pipe_read(request->body_reader, got);
    return bytes;
}

static void expect_body(const struct buf *got, size_t from, size_t to)
{
    ck_assert_uint_eq(got->length, to - from);
    ck_assert(to == from || memcmp(got->bytes, body + from, to - from) == 0);
}

/* Reads a body that streams in. Expects these bytes, and then this result of pipe_read. */
static void expect_stream(struct request *request, size_t bytes, ssize_t end)
{
    struct buf got = {0};
    ck_assert_int_eq(buf_append(&got, request->body, request->body_bytes), ERR_OK);
    ck_assert_int_eq(read_to_end(request, &got), end);
    expect_body(&got, 0, bytes);
    buf_free(&got);
}

START_TEST(a_body_of_any_length_is_whole_and_the_long_ones_are_read_without_a_copy)
{
    static const size_t lengths[] = {0,
                                     1,
                                     IO_THREAD_SCRATCH_BYTES - 1,
                                     IO_THREAD_SCRATCH_BYTES,
                                     IO_THREAD_SCRATCH_BYTES + 1,
                                     BODY_WHOLE_BYTES,
                                     200000,
                                     LONGEST};
    open_server(LONGEST);
    int fd = served_connect();
    unsigned requests = 0;
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++)
        for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            unsigned before = reads[0] + reads[1];
            send_head(fd, "/mount", framing, lengths[i]);
            served_expect(&served_stats()->requests_total, ++requests); /* so that no byte comes with the head */
            send_body(fd, framing, lengths[i]);
            take_whole(fd, lengths[i]);
            bool directly = framing == BY_LENGTH && lengths[i] >= IO_THREAD_SCRATCH_BYTES;
            ck_assert_msg((reads[0] + reads[1] > before) == directly, "%zu, %d", lengths[i], framing);
        }
    close(fd);
    served_close();
}
END_TEST

START_TEST(one_read_takes_less_before_the_request_has_begun)
{
    open_server(LONGEST);
    int fd = served_connect();
    send_head(fd, "/mount", BY_LENGTH, LONGEST);
    send_body(fd, BY_LENGTH, LONGEST);
    take_whole(fd, LONGEST);
    ck_assert_uint_eq(asked_max[0], BODY_WHOLE_BYTES);
    ck_assert_uint_eq(asked_max[1], BODY_READ_BYTES);
    close(fd);
    served_close();
}
END_TEST

/* The bytes after a body must not be read into it. */
START_TEST(a_request_may_follow_a_body_at_once)
{
    open_server(LONGEST);
    int fd = served_connect();
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++) {
        send_head(fd, "/mount", framing, 100000);
        send_body(fd, framing, 100000);
        send_head(fd, "/mount", framing, 3);
        send_body(fd, framing, 3);
        client_send(fd, CLIENT_POST(""));
        take_whole(fd, 100000);
        take_whole(fd, 3);
        client_expect_answer(fd, 200, "");
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_handler_that_reads_gets_a_short_body_whole)
{
    static const size_t lengths[] = {0, 1, BODY_WHOLE_BYTES};
    open_server(LONGEST);
    int fd = served_connect();
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        send_head(fd, "/upload", BY_LENGTH, lengths[i]);
        served_expect(&served_stats()->requests_total, i + 1); /* the request has begun before its body comes */
        send_body(fd, BY_LENGTH, lengths[i]);
        take_whole(fd, lengths[i]);
    }
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_handler_that_reads_gets_its_request_before_a_longer_body)
{
    static const struct {
        enum framing framing;
        size_t bytes;
    } cases[] = {{BY_LENGTH, BODY_WHOLE_BYTES + 1}, {CHUNKED, 0}, {CHUNKED, 1}, {CHUNKED, BODY_WHOLE_BYTES + 1}};
    open_server(LONGEST);
    int fd = served_connect();
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        send_head(fd, "/upload", cases[i].framing, cases[i].bytes);
        struct request *request = served_later();
        ck_assert_ptr_nonnull(request->body_reader);
        send_body(fd, cases[i].framing, cases[i].bytes);
        expect_stream(request, cases[i].bytes, 0);
        answer(fd, request);
    }
    close(fd);
    served_close();
}
END_TEST

/* Begins an upload by length. Returns its request, whose handler has not read anything yet. */
static struct request *begin_upload(int fd, size_t bytes)
{
    send_head(fd, "/upload", BY_LENGTH, bytes);
    return served_later();
}

static void until_room(const struct request *request, size_t room)
{
    while (pipe_room(request->body_reader) != room)
        sched_yield();
}

static void send_longest(void *fd)
{
    client_send_bytes(*(int *)fd, body, LONGEST);
}

/* Has the loop run the daemon a few times. */
static void ask_meanwhile(void)
{
    int fd = served_connect();
    for (unsigned i = 0; i < 5; i++) {
        client_send(fd, CLIENT_POST(""));
        client_expect_answer(fd, 200, "");
    }
    close(fd);
}

START_TEST(a_body_waits_outside_while_its_pipe_is_full)
{
    uv_thread_t sender;
    struct buf first = {0}, rest = {0};
    open_server(LONGEST);
    int fd = served_connect();
    struct request *request = begin_upload(fd, LONGEST);
    ck_assert_int_eq(uv_thread_create(&sender, send_longest, &fd), 0);
    until_room(request, 0);
    ask_meanwhile();
    ck_assert_int_eq(pipe_read(request->body_reader, &first), PIPE_INWARD_BYTES);
    expect_body(&first, 0, PIPE_INWARD_BYTES);
    ck_assert_int_eq(read_to_end(request, &rest), 0);
    expect_body(&rest, PIPE_INWARD_BYTES, LONGEST);
    ck_assert_int_eq(uv_thread_join(&sender), 0);
    answer(fd, request);
    buf_free(&first);
    buf_free(&rest);
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_body_may_be_as_long_as_max_body_and_not_longer)
{
    enum { MAX = 100000 };
    open_server(MAX);
    unsigned refused = 0;
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++) {
        int fd = served_connect();
        send_head(fd, "/mount", framing, MAX);
        send_body(fd, framing, MAX);
        take_whole(fd, MAX);
        send_head(fd, "/mount", framing, MAX + 1);
        if (framing == CHUNKED) {
            send_chunks(fd, MAX);
            client_send(fd, "1\r\n");
        }
        client_expect_answer(fd, 413, NULL);
        client_expect_closed(fd);
        served_expect(&served_stats()->rejected[REFUSED_BODY_TOO_LARGE], ++refused);
    }
    served_close();
}
END_TEST

START_TEST(a_broken_chunk_in_the_middle_ends_the_body_and_the_connection)
{
    open_server(LONGEST);
    int fd = served_connect();
    send_head(fd, "/upload", CHUNKED, 0);
    struct request *request = served_later();
    send_chunks(fd, 100000);
    client_send(fd, "no size\r\n");
    expect_stream(request, 100000, -1);
    client_expect_answer(fd, 400, NULL);
    client_expect_closed(fd);
    served_expect(&served_stats()->rejected[REFUSED_MALFORMED], 1);
    served_answer(request, "nobody is there");
    served_close();
}
END_TEST

START_TEST(a_handler_learns_that_the_client_left_in_the_middle)
{
    open_server(LONGEST);
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++) {
        int fd = served_connect();
        send_head(fd, "/upload", framing, LONGEST);
        struct request *request = served_later();
        send_part(fd, framing, 100000);
        close(fd);
        expect_stream(request, 100000, -1);
        ck_assert(request_given_up(request));
        served_answer(request, "nobody is there");
    }
    served_close();
}
END_TEST

START_TEST(a_body_that_nobody_wants_is_dropped_and_the_next_request_answered)
{
    static const size_t lengths[] = {1, 1000, LONGEST};
    open_server(LONGEST);
    int fd = served_connect();
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++)
        for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            send_head(fd, "/nowhere", framing, lengths[i]);
            send_body(fd, framing, lengths[i]);
            client_send(fd, CLIENT_POST("Content-Length: 4\r\n") "next");
            client_expect_answer(fd, 404, NULL);
            client_expect_answer(fd, 200, "next");
        }
    ck_assert_uint_eq(reads[1], 0); /* nothing goes into a request that was answered */
    close(fd);
    served_close();
}
END_TEST

/* The client may still be sending when the connection is closed. */
START_TEST(a_client_that_sends_on_after_an_early_answer_meets_no_reset)
{
    char byte;
    open_server(LONGEST);
    int fd = served_connect();
    struct request *request = begin_upload(fd, LONGEST);
    client_send_bytes(fd, body, 1000);
    until_room(request, PIPE_INWARD_BYTES - 1000); /* no byte is unread, which would be a reason of its own */
    answer(fd, request);
    client_expect_line("Connection: close");
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    served_expect(&served_stats()->connections_closed, 1);
    ask_meanwhile(); /* the socket is closed by now */
    for (unsigned i = 0; i < 20; i++)
        client_send_bytes(fd, body, 1000);
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_body_may_end_where_its_pipe_is_full)
{
    open_server(LONGEST);
    int fd = served_connect();
    struct request *request = begin_upload(fd, PIPE_INWARD_BYTES);
    client_send_bytes(fd, body, PIPE_INWARD_BYTES);
    client_send(fd, CLIENT_POST("Content-Length: 4\r\n") "next");
    until_room(request, 0);
    answer(fd, request);
    client_expect_answer(fd, 200, "next");
    close(fd);
    served_close();
}
END_TEST

START_TEST(a_client_may_close_its_side_after_a_long_body)
{
    open_server(LONGEST);
    for (enum framing framing = BY_LENGTH; framing <= CHUNKED; framing++) {
        int fd = served_connect();
        send_head(fd, "/mount", framing, LONGEST);
        send_body(fd, framing, LONGEST);
        ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
        take_whole(fd, LONGEST);
        client_expect_closed(fd);
    }
    served_close();
}
END_TEST

START_TEST(each_piece_for_a_handler_starts_the_time_limit_anew)
{
    open_server(LONGEST);
    int fd = served_connect();
    struct request *request = begin_upload(fd, LONGEST);
    for (unsigned piece = 1; piece <= 3; piece++) {
        client_send_bytes(fd, body, 1000);
        until_room(request, PIPE_INWARD_BYTES - piece * 1000);
        while (atomic_load(&restarts) < piece)
            sched_yield();
    }
    answer(fd, request);
    client_expect_closed(fd);
    served_close();
}
END_TEST

START_TEST(without_memory_for_a_body_there_is_a_503)
{
    static const struct {
        const char *path;
        enum framing framing;
    } cases[] = {{"/mount", BY_LENGTH}, {"/mount", CHUNKED}, {"/upload", BY_LENGTH}};
    open_server(LONGEST);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = served_connect();
        send_head(fd, cases[i].path, cases[i].framing, LONGEST);
        served_expect(&served_stats()->requests_total, i + 1);
        atomic_store(&no_memory, true);
        send_part(fd, cases[i].framing, 1000);
        client_expect_answer(fd, 503, NULL);
        client_expect_closed(fd);
        atomic_store(&no_memory, false);
    }
    struct request *upload = served_later();
    expect_stream(upload, 0, -1);
    served_answer(upload, "nobody is there");
    served_close();
}
END_TEST

SUITE("body_reader", a_body_of_any_length_is_whole_and_the_long_ones_are_read_without_a_copy,
      one_read_takes_less_before_the_request_has_begun, a_request_may_follow_a_body_at_once,
      a_handler_that_reads_gets_a_short_body_whole, a_handler_that_reads_gets_its_request_before_a_longer_body,
      a_body_waits_outside_while_its_pipe_is_full, a_body_may_end_where_its_pipe_is_full,
      each_piece_for_a_handler_starts_the_time_limit_anew, a_body_may_be_as_long_as_max_body_and_not_longer,
      a_broken_chunk_in_the_middle_ends_the_body_and_the_connection,
      a_handler_learns_that_the_client_left_in_the_middle, a_client_may_close_its_side_after_a_long_body,
      a_body_that_nobody_wants_is_dropped_and_the_next_request_answered,
      a_client_that_sends_on_after_an_early_answer_meets_no_reset, without_memory_for_a_body_there_is_a_503)
