#include "http/exchange/response.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "captured_log.h"
#include "core/request.h"
#include "http/client.h"
#include "http/served.h"
#include "suite.h"

static int fd;

/* The linker puts this before sendfile. */
static atomic_uint sendfiles;
ssize_t __real_sendfile64(int to, int file, off_t *at, size_t length);
ssize_t __wrap_sendfile64(int to, int file, off_t *at, size_t length);

ssize_t __wrap_sendfile64(int to, int file, off_t *at, size_t length)
{
    atomic_fetch_add(&sendfiles, 1);
    return __real_sendfile64(to, file, at, length);
}

static void open_with(const char *head)
{
    served_defaults();
    served_open();
    fd = served_connect();
    client_send(fd, head);
}

static struct request *later(void)
{
    struct request *request = served_later();
    reply_borrow(&request->reply, 200, NULL, "body", 4);
    return request;
}

static void close_it(void)
{
    close(fd);
    served_close();
}

START_TEST(fields_go_out_in_their_order)
{
    open_with(CLIENT_GET("/later"));
    struct request *request = later();
    reply_add_field(&request->reply, "Set-Cookie", "a=1");
    reply_add_field(&request->reply, "Content-Type", "text/\xe9");
    reply_add_field(&request->reply, "Set-Cookie", "b=2");
    request_done(request);
    client_expect_answer(fd, 200, "body");
    const char *first = strstr(client_head, "Set-Cookie: a=1\r\n");
    ck_assert_msg(first && strstr(first, "Set-Cookie: b=2\r\n"), "%s", client_head);
    client_expect_line("Content-Type: text/\xe9");
    client_expect_line("Server: tandem");
    client_expect_line("Content-Length: 4");
    close_it();
}
END_TEST

START_TEST(a_server_of_the_reply_s_own_is_the_only_one)
{
    open_with(CLIENT_GET("/later"));
    struct request *request = later();
    reply_add_field(&request->reply, "SERVER", "mine");
    request_done(request);
    client_expect_answer(fd, 200, "body");
    client_expect_line("SERVER: mine");
    ck_assert_ptr_null(strstr(client_head, "tandem"));
    close_it();
}
END_TEST

/* White space around a value is not part of it: RFC 9110, 5.5. */
START_TEST(a_field_may_be_empty)
{
    open_with(CLIENT_GET("/later"));
    struct request *request = later();
    reply_add_field(&request->reply, "X-Empty", "");
    reply_add_field(&request->reply, "X-Padded", "  a ");
    request_done(request);
    client_expect_answer(fd, 200, "body");
    const char *line = strstr(client_head, "X-Empty:");
    ck_assert_msg(line && strspn(line + 8, " ") + 8 == strcspn(line, "\r"), "%s", client_head);
    ck_assert_msg(strstr(client_head, "X-Padded:   a \r\n") != NULL, "%s", client_head);
    close_it();
}
END_TEST

/* Adds count fields with this name and a value of value_bytes. */
static void add_fields(struct request *request, unsigned count, const char *name, size_t value_bytes)
{
    static char value[80 * 1024];
    memset(value, 'v', value_bytes);
    value[value_bytes] = '\0';
    for (unsigned i = 0; i < count; i++)
        reply_add_field(&request->reply, name, value);
}

START_TEST(as_many_as_are_allowed_go_out_whatever_the_request_was)
{
    char large[8000];
    served_defaults();
    served_open();
    fd = served_connect();
    memset(large, 'x', sizeof large);
    for (unsigned i = 0; i < 3; i++) {
        client_send(fd, "GET /later?");
        client_send_bytes(fd, large, sizeof large);
        client_send(fd, " HTTP/1.1\r\nHost: x\r\nX-Large: ");
        client_send_bytes(fd, large, sizeof large);
        client_send(fd, "\r\n\r\n" CLIENT_GET("/later"));
        for (unsigned answer = 0; answer < 2; answer++) {
            struct request *request = later();
            add_fields(request, i == 2 ? 9362 : 1, "a", i == 2 ? 2 : 65531);
            request_done(request);
            client_expect_answer(fd, 200, "body");
        }
    }
    close_it();
}
END_TEST

START_TEST(more_fields_than_there_is_room_for_are_a_500)
{
    static const struct {
        unsigned count;
        size_t value_bytes;
    } cases[] = {{1, 65532}, {1, 80000}, {9363, 2}, {250, 300}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_with(CLIENT_GET("/later"));
        struct request *request = later();
        add_fields(request, cases[i].count, "a", cases[i].value_bytes);
        captured_log_begin();
        request_done(request);
        client_expect_answer(fd, 500, "{\"error\":\"the handler failed; the server's log says why\"}");
        const char *log = captured_log_end();
        ck_assert_msg(strstr(log, "GET /later in test failed: its response has ") != NULL, "%s", log);
        served_expect(&served_stats()->rejected[REFUSED_HANDLER_ERROR], 1);
        close_it();
    }
}
END_TEST

START_TEST(a_file_goes_out_from_its_place_on)
{
    open_with(CLIENT_GET("/later") "HEAD /later HTTP/1.1\r\nHost: x\r\n\r\n");
    for (unsigned i = 0; i < 2; i++) {
        struct request *request = served_later();
        int file = memfd_create("body", MFD_CLOEXEC);
        ck_assert_int_eq(write(file, "0123456789", 10), 10);
        reply_file(&request->reply, 200, file, 4, 3);
        request_done(request);
        if (i == 0)
            client_expect_answer(fd, 200, "456");
        else
            ck_assert_uint_eq(client_read_head(fd), 200);
        client_expect_line("Content-Length: 3");
    }
    close_it();
}
END_TEST

START_TEST(a_file_is_sent_whole_whatever_its_size)
{
    static char bytes[70000];
    static const struct {
        size_t length;
        bool sendfile;
    } cases[] = {{0, false}, {1, false}, {4096, false}, {4097, true}, {65536, true}, {69000, true}};
    for (size_t i = 0; i < sizeof bytes - 1; i++)
        bytes[i] = (char)('a' + i % 23);
    int file = memfd_create("body", MFD_CLOEXEC);
    ck_assert_int_eq(write(file, bytes, sizeof bytes), sizeof bytes);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = cases[i].length;
        open_with(CLIENT_GET("/later"));
        struct request *request = served_later();
        atomic_store(&sendfiles, 0);
        reply_file(&request->reply, 200, dup(file), 700, length);
        request_done(request);
        client_expect_answer(fd, 200, NULL);
        ck_assert_uint_eq(strlen(client_body), length);
        ck_assert_mem_eq(client_body, bytes + 700, length);
        ck_assert_int_eq(atomic_load(&sendfiles) > 0, cases[i].sendfile);
        close_it();
    }
    close(file);
}
END_TEST

START_TEST(a_file_that_has_become_shorter_ends_the_connection_at_its_end)
{
    for (size_t said = 5; said <= 5000; said += 4995) {
        char end[64] = "";
        open_with(CLIENT_GET("/later"));
        struct request *request = served_later();
        int file = memfd_create("body", MFD_CLOEXEC);
        ck_assert_int_eq(write(file, "file", 4), 4);
        reply_file(&request->reply, 200, file, 0, said);
        request_done(request);
        ck_assert_uint_eq(client_read_head(fd), 200);
        ck_assert_int_eq(recv(fd, end, sizeof end, MSG_WAITALL), 4);
        ck_assert_str_eq(end, "file");
        close_it();
    }
}
END_TEST

START_TEST(to_head_the_length_is_told_and_no_body_is_sent)
{
    open_with("HEAD /later HTTP/1.1\r\nHost: x\r\n\r\n" CLIENT_GET("/later"));
    struct request *request = served_later();
    reply_borrow(&request->reply, 200, NULL, "", 0);
    request->reply.length = 1000000000000;
    request_done(request);
    ck_assert_uint_eq(client_read_head(fd), 200);
    client_expect_line("Content-Length: 1000000000000");
    served_answer(served_later(), "next");
    client_expect_answer(fd, 200, "next");
    close_it();
}
END_TEST

SUITE("response", fields_go_out_in_their_order, a_server_of_the_reply_s_own_is_the_only_one, a_field_may_be_empty,
      as_many_as_are_allowed_go_out_whatever_the_request_was, more_fields_than_there_is_room_for_are_a_500,
      a_file_goes_out_from_its_place_on, a_file_is_sent_whole_whatever_its_size,
      a_file_that_has_become_shorter_ends_the_connection_at_its_end, to_head_the_length_is_told_and_no_body_is_sent)
