/* The linker puts a kernel between output.c and the socket that takes a given number of bytes per call, and nothing at
 * every other call. */
#include "http/wire/output.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "suite.h"

static size_t bytes_per_call;
static unsigned calls, fails_at; /* the number of the call that fails; 0: none does */
static struct buf got;
static bool without_sendfile;

ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendfile64(int fd, int file, off_t *at, size_t length);

/* The result of a call that may take length bytes. */
static ssize_t room_for(size_t length)
{
    calls++;
    if (calls == fails_at) {
        errno = ECONNRESET;
        return -1;
    }
    if (calls % 3 != 1) {
        errno = calls % 3 == 2 ? EAGAIN : EINTR;
        return -1;
    }
    return (ssize_t)(length < bytes_per_call ? length : bytes_per_call);
}

static void take(const char *bytes, size_t length)
{
    ck_assert_int_eq(buf_append(&got, bytes, length), ERR_OK);
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    ck_assert(fd == 7 && !to && size == 0 && (flags & MSG_NOSIGNAL) && (flags & MSG_DONTWAIT));
    ssize_t taken = room_for(length);
    if (taken > 0)
        take(bytes, (size_t)taken);
    return taken;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    const struct iovec *parts = message->msg_iov;
    ck_assert(fd == 7 && message->msg_iovlen == 2 && (flags & MSG_NOSIGNAL) && (flags & MSG_DONTWAIT));
    ssize_t taken = room_for(parts[0].iov_len + parts[1].iov_len);
    size_t left = taken > 0 ? (size_t)taken : 0;
    for (unsigned i = 0; i < 2; i++) {
        size_t of_part = left < parts[i].iov_len ? left : parts[i].iov_len;
        take(parts[i].iov_base, of_part);
        left -= of_part;
    }
    return taken;
}

ssize_t __wrap_sendfile64(int fd, int file, off_t *at, size_t length)
{
    char bytes[256];
    ck_assert(fd == 7 && length <= 1024 * 1024);
    if (without_sendfile) {
        errno = EINVAL;
        return -1;
    }
    ssize_t taken = room_for(length < sizeof bytes ? length : sizeof bytes);
    if (taken <= 0)
        return taken;
    taken = pread(file, bytes, (size_t)taken, *at);
    take(bytes, (size_t)taken);
    *at += taken;
    return taken;
}

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n", text[] = "abcdefghijklmnopqrstuvwxyz";
enum { HEAD_BYTES = sizeof head - 1, TEXT_BYTES = sizeof text - 1 };
static const struct output_body none = {.left = 0};

static int file_of_text(void)
{
    int file = memfd_create("text", MFD_CLOEXEC);
    ck_assert_int_eq(write(file, "before", 6), 6);
    ck_assert_int_eq(write(file, text, TEXT_BYTES), TEXT_BYTES);
    return file;
}

static void begin(size_t per_call, unsigned failing_call)
{
    bytes_per_call = per_call;
    fails_at = failing_call;
    calls = 0;
    buf_free(&got);
}

/* Sends head and body, and waits for the kernel as often as needed. */
static enum output_result send_to_the_end(struct connection *connection, const struct output_body *body)
{
    enum output_result result = output_send(connection, head, HEAD_BYTES, body);
    while (result == OUTPUT_BLOCKED)
        result = output_flush(connection);
    return result;
}

/* Sends with every size of the kernel's room, and then with a reset at every call. */
static void expect_sent(const struct output_body *body, const char *expected)
{
    struct connection connection = {.fd = 7};
    size_t whole = strlen(expected);
    for (size_t per_call = 1; per_call <= whole; per_call++) {
        begin(per_call, 0);
        ck_assert_int_eq(send_to_the_end(&connection, body), OUTPUT_SENT);
        ck_assert_uint_eq(got.length, whole);
        ck_assert_mem_eq(got.bytes, expected, whole);
        ck_assert(connection.output.head.length == 0 && connection.output.body.left == 0);
        unsigned needed = calls;
        for (unsigned failing_call = 1; failing_call <= needed; failing_call++) {
            begin(per_call, failing_call);
            ck_assert_int_eq(send_to_the_end(&connection, body), OUTPUT_FAILED);
            ck_assert_mem_eq(got.bytes ? got.bytes : "", expected, got.length);
            output_drop(&connection);
        }
    }
    buf_free(&got);
}

START_TEST(a_head_goes_out_at_every_pace)
{
    expect_sent(&none, head);
}
END_TEST

START_TEST(a_body_in_memory_follows_its_head)
{
    const struct output_body body = {.bytes = text, .left = TEXT_BYTES};
    expect_sent(&body, "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz");
}
END_TEST

START_TEST(a_file_follows_its_head_from_its_place_on)
{
    const struct output_body body = {.file = file_of_text(), .at = 6, .left = TEXT_BYTES};
    expect_sent(&body, "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz");
    close(body.file);
}
END_TEST

/* Not every file system has sendfile. */
START_TEST(a_file_that_cannot_be_sent_is_read_and_written)
{
    const struct output_body body = {.file = file_of_text(), .at = 6, .left = TEXT_BYTES};
    without_sendfile = true;
    expect_sent(&body, "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz");
    without_sendfile = false;
    close(body.file);
}
END_TEST

/* The suite's sendfile expects that a call asks for 1 MiB at most. */
START_TEST(a_large_file_goes_out_piece_by_piece)
{
    struct connection connection = {.fd = 7};
    const struct output_body body = {.file = memfd_create("large", MFD_CLOEXEC), .left = 5 * 1024 * 1024};
    ck_assert_int_eq(ftruncate(body.file, (off_t)body.left), 0);
    begin(1000, 0);
    ck_assert_int_eq(send_to_the_end(&connection, &body), OUTPUT_SENT);
    ck_assert_uint_eq(got.length, HEAD_BYTES + body.left);
    buf_free(&got);
    close(body.file);
}
END_TEST

START_TEST(a_file_that_has_become_shorter_is_a_failure)
{
    for (unsigned i = 0; i < 2; i++) {
        struct connection connection = {.fd = 7};
        const struct output_body body = {.file = file_of_text(), .at = 6, .left = TEXT_BYTES + 1};
        without_sendfile = i;
        begin(1000, 0);
        ck_assert_int_eq(send_to_the_end(&connection, &body), OUTPUT_FAILED);
        output_drop(&connection);
        buf_free(&got);
        close(body.file);
    }
    without_sendfile = false;
}
END_TEST

START_TEST(what_is_sent_later_waits_for_what_is_unsent)
{
    struct connection connection = {.fd = 7};
    const struct output_body body = {.bytes = text, .left = TEXT_BYTES};
    begin(1, 0);
    ck_assert_int_eq(output_send(&connection, "100", 3, &none), OUTPUT_BLOCKED);
    ck_assert_int_eq(output_send(&connection, "200", 3, &body), OUTPUT_BLOCKED);
    while (output_flush(&connection) == OUTPUT_BLOCKED)
        ;
    ck_assert_uint_eq(got.length, 6 + TEXT_BYTES);
    ck_assert_mem_eq(got.bytes, "100200abcdefghijklmnopqrstuvwxyz", got.length);
    buf_free(&got);
}
END_TEST

SUITE("output", a_head_goes_out_at_every_pace, a_body_in_memory_follows_its_head,
      a_file_follows_its_head_from_its_place_on, a_file_that_cannot_be_sent_is_read_and_written,
      a_large_file_goes_out_piece_by_piece, a_file_that_has_become_shorter_is_a_failure,
      what_is_sent_later_waits_for_what_is_unsent)
