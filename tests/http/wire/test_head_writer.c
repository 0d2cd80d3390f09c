#include "http/wire/head_writer.h"

#include <string.h>
#include <time.h>

#include "http/connection/io_thread_state.h"
#include "suite.h"

static struct io_thread io_thread;
static struct reply reply;
static char written[4096];

/* Writes the head, and replaces the time in tandem's own Date by "now". */
static void write_head(const struct head_style *style)
{
    ck_assert_uint_lt(head_writer_room(&reply, style), sizeof written);
    char *end = head_writer_write(&io_thread, &reply, style, written);
    ck_assert_uint_le((size_t)(end - written), head_writer_room(&reply, style));
    *end = '\0';
    char *date = strstr(written, "Date: ");
    if (date && strstr(date, " GMT\r\n")) {
        struct tm said;
        const char *rest = strptime(date, "Date: %a, %d %b %Y %H:%M:%S GMT", &said);
        ck_assert(rest && memcmp(rest, "\r\n", 2) == 0);
        double ago = difftime(time(NULL), timegm(&said));
        ck_assert(ago >= 0 && ago < 60);
        memmove(date + 9, rest, strlen(rest) + 1);
        memcpy(date + 6, "now", 3);
    }
}

static void open_reply(unsigned status)
{
    reply_init(&reply);
    reply_borrow(&reply, status, TYPE_TEXT, "body", 4);
}

START_TEST(a_reply_has_the_length_of_its_body)
{
    open_reply(200);
    write_head(&(struct head_style){.framing = FRAMING_LENGTH});
    ck_assert_str_eq(written, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nServer: tandem\r\n"
                              "Date: now\r\nContent-Length: 4\r\n\r\n");
    reply.length = 12345678901;
    write_head(&(struct head_style){.framing = FRAMING_LENGTH, .closes = true});
    ck_assert_str_eq(written, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nServer: tandem\r\n"
                              "Date: now\r\nConnection: close\r\nContent-Length: 12345678901\r\n\r\n");
    reply_free(&reply);
}
END_TEST

START_TEST(a_status_has_its_reason)
{
    static const struct {
        unsigned status;
        const char *line;
    } cases[] = {{204, "HTTP/1.1 204 No Content\r\n"},
                 {404, "HTTP/1.1 404 Not Found\r\n"},
                 {504, "HTTP/1.1 504 Gateway Timeout\r\n"},
                 {599, "HTTP/1.1 599 Non-Standard Status\r\n"}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_reply(cases[i].status);
        reply.type = NULL;
        write_head(&(struct head_style){.framing = FRAMING_NONE, .keeps = true});
        ck_assert_mem_eq(written, cases[i].line, strlen(cases[i].line));
        ck_assert_str_eq(written + strlen(cases[i].line),
                         "Server: tandem\r\nDate: now\r\nConnection: Keep-Alive\r\n\r\n");
        reply_free(&reply);
    }
}
END_TEST

START_TEST(fields_of_the_reply_stand_in_place_of_tandem_s_own)
{
    open_reply(200);
    reply_add_field(&reply, "server", "mine");
    reply_add_field(&reply, "X-Empty", "");
    reply_add_field(&reply, "DATE", "yesterday");
    write_head(&(struct head_style){.framing = FRAMING_CHUNKED, .timing = "queue;dur=1"});
    ck_assert_str_eq(written, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nserver: mine\r\n"
                              "X-Empty: \r\nDATE: yesterday\r\nServer-Timing: queue;dur=1\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n");
    ck_assert_uint_eq(reply.fields.lines.length, strlen("server: mine\r\nX-Empty: \r\nDATE: yesterday\r\n"));
    reply_free(&reply);
}
END_TEST

START_TEST(a_101_upgrades_whatever_else_is_asked_for)
{
    open_reply(101);
    reply.type = NULL;
    write_head(&(struct head_style){.framing = FRAMING_NONE, .closes = true});
    ck_assert_str_eq(written, "HTTP/1.1 101 Switching Protocols\r\nServer: tandem\r\nDate: now\r\n"
                              "Connection: Upgrade\r\n\r\n");
    reply_free(&reply);
}
END_TEST

SUITE("head_writer", a_reply_has_the_length_of_its_body, a_status_has_its_reason,
      fields_of_the_reply_stand_in_place_of_tandem_s_own, a_101_upgrades_whatever_else_is_asked_for)
