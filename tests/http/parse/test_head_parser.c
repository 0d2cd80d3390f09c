#include "http/parse/head_parser.h"

#include <stdio.h>
#include <string.h>

#include "http/scanned.h"
#include "suite.h"

#define GET  "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"

static void expect_span(const char *text, struct span span, const char *expected)
{
    ck_assert_uint_eq(span.length, strlen(expected));
    ck_assert_mem_eq(text + span.at, expected, span.length);
}

static void expect_target(const char *line, const char *expected)
{
    char text[200];
    snprintf(text, sizeof text, "%s\r\nHost: y\r\n\r\n", line);
    scan_expect_whole(text);
    expect_span(text, scanned.target, expected);
}

START_TEST(the_request_line_is_taken_apart)
{
    const char *text = "OPTIONS /a/b%20c?d=%zz HTTP/1.1\r\nHost: x\r\n\r\n";
    scan_expect_whole(text);
    expect_span(text, scanned.method, "OPTIONS");
    expect_span(text, scanned.target, "/a/b%20c?d=%zz");
    ck_assert_uint_eq(scanned.minor_version, 1);
    ck_assert(scanned.has_host);
    ck_assert(!scanned.close && !scanned.keep_alive && !scanned.chunked && !scanned.has_content_length &&
              !scanned.expects_continue);

    text = "\r\n\r\nGET / HTTP/1.0\r\n\r\n"; /* RFC 9112, 2.2 */
    scan_expect_whole(text);
    expect_span(text, scanned.method, "GET");
    ck_assert_uint_eq(scanned.minor_version, 0);
    ck_assert(!scanned.has_host);
    scan_expect_whole("GET / HTTP/1.9\r\nHost:\r\n\r\n");
    ck_assert_uint_eq(scanned.minor_version, 1);
    scan_expect_whole("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: x\r\n\r\n");
}
END_TEST

static void expect_upgrade(const char *fields, bool upgrade, bool websocket)
{
    char text[200];
    snprintf(text, sizeof text, GET "%s\r\n", fields);
    scan_expect_whole(text);
    ck_assert_int_eq(scanned.upgrade, upgrade);
    ck_assert_int_eq(scanned.websocket, websocket);
}

START_TEST(whether_a_websocket_is_asked_for)
{
    expect_upgrade("", false, false);
    expect_upgrade("Connection: Upgrade\r\nUpgrade: websocket\r\n", true, true);
    expect_upgrade("connection: keep-alive, UPGRADE\r\nUPGRADE: h2c, WebSocket\r\n", true, true);
    expect_upgrade("Connection: upgrades\r\nUpgrade: websockets\r\n", false, false);
    expect_upgrade("Connection: keep-alive\r\nUpgrade: h2c\r\n", false, false);
    expect_upgrade("Connection: Upgrade\r\nUpgrade:\r\nX-Upgrade: websocket\r\n", true, false);
}
END_TEST

START_TEST(of_an_absolute_target_the_path_and_the_query_matter)
{
    expect_target("OPTIONS * HTTP/1.1", "*");
    expect_target("GET http://host:80/path?q HTTP/1.1", "/path?q");
    expect_target("GET HtTp://h/ HTTP/1.1", "/");
    expect_target("GET /http://h/p HTTP/1.1", "/http://h/p");
    expect_target("GET //h/p HTTP/1.1", "//h/p");
    expect_target("GET /?a/b HTTP/1.1", "/?a/b");
}
END_TEST

START_TEST(a_method_has_up_to_32_bytes)
{
    char text[100];
    for (int over = 0; over < 2; over++) {
        int length = snprintf(text, sizeof text, "%0*d / HTTP/1.1\r\nHost: x\r\n\r\n", 32 + over, 0);
        ck_assert_int_eq(scan_every_way(text, (size_t)length), over ? HEAD_REFUSED : HEAD_WHOLE);
        ck_assert(over || scanned.method.length == 32);
    }
    ck_assert_uint_eq(scanned_refusal.status, 400);
}
END_TEST

START_TEST(the_fields_that_frame_a_body_are_read)
{
    const char *text = POST "CONTENT-length:  12 \t\r\nContent-Type:\ta/b; c=\"d\" \r\nExpect: 100-Continue\r\n\r\n";
    scan_expect_whole(text);
    ck_assert(scanned.has_content_length && scanned.expects_continue && !scanned.chunked);
    ck_assert_uint_eq(scanned.content_length, 12);
    expect_span(text, scanned.content_type, "a/b; c=\"d\"");

    scan_expect_whole(POST "Transfer-Encoding: Chunked\r\nContent-Type:\r\n\r\n");
    ck_assert(scanned.chunked && !scanned.has_content_length);
    ck_assert_uint_eq(scanned.content_type.length, 0);
    scan_expect_whole(POST "Content-Length: 0\r\n\r\n");
    ck_assert(scanned.has_content_length && scanned.content_length == 0);
    scan_expect_whole(POST "Content-Length: 18446744073709551615\r\n\r\n");
    ck_assert_uint_eq(scanned.content_length, UINT64_MAX);
    scan_expect_whole(POST "Content-Length: 0000000000000000000000005\r\n\r\n");
    ck_assert_uint_eq(scanned.content_length, 5);
    text = POST "Content-Type: first\r\nContent-Type: second\r\n\r\n";
    scan_expect_whole(text);
    expect_span(text, scanned.content_type, "first");
    scan_expect_whole("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
    ck_assert(!scanned.expects_continue); /* RFC 9110, 10.1.1 */
}
END_TEST

START_TEST(the_words_of_connection_are_read)
{
    static const struct {
        const char *field;
        bool close, keep_alive;
    } cases[] = {
        {"connection: foo, Close", true, false},
        {"Connection: close,keep-alive", true, true},
        {"Connection:,, ,keep-ALIVE ,", false, true},
        {"Connection: upgrade\r\nConnection: close", true, false},
        {"Connection: closed, keep-alive2, not-close, xkeep-alive", false, false},
        {"Connection: clos, eep-alive", false, false},
        {"Connection:", false, false},
        {"Connections: close", false, false},
        {"Proxy-Connection: close", false, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, GET "%s\r\n\r\n", cases[i].field);
        scan_expect_whole(text);
        ck_assert_msg(scanned.close == cases[i].close && scanned.keep_alive == cases[i].keep_alive, "%s", text);
    }
}
END_TEST

START_TEST(fields_of_nearly_the_same_name_are_others)
{
    scan_expect_whole(POST "Content-Lengths: 5\r\nContent-Lengt: 5\r\nXTransfer-Encoding: chunked\r\n"
                           "Transfer-Encodin: chunked\r\nExpec: y\r\nExpects: y\r\nHosts: /\r\nHos: /\r\n"
                           "Content-Type2: x\r\n\r\n");
    ck_assert(!scanned.has_content_length && !scanned.chunked && !scanned.expects_continue);
    ck_assert_uint_eq(scanned.content_type.length, 0);
}
END_TEST

START_TEST(values_may_have_any_bytes_but_controls)
{
    scan_expect_whole(GET "X-Empty:\r\nX: \x80\xff \t!\"(),/:;<=>?@[\\]{}~\r\n\r\n");
    scan_expect_whole("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n");
    scan_expect_whole("GET / HTTP/1.1\r\nHost: a%20b_c-d.e!$&'()*+,;=\r\n\r\n");
}
END_TEST

START_TEST(what_follows_the_head_is_not_looked_at)
{
    static const char text[] = GET "\r\nBODY \x01\r\n\r\n";
    ck_assert_int_eq(scan(text, sizeof text - 1, SCANNED_MAX_BYTES), HEAD_WHOLE);
    ck_assert_uint_eq(scanned.bytes, strlen(GET "\r\n"));
}
END_TEST

START_TEST(the_limit_of_the_head_is_exact)
{
    char text[400];
    size_t length = (size_t)snprintf(text, sizeof text, GET "X: %0300d\r\n\r\n", 0);
    ck_assert_int_eq(scan(text, length, length), HEAD_WHOLE);
    ck_assert_int_eq(scan(text, length, length - 1), HEAD_REFUSED);
    ck_assert_uint_eq(scanned_refusal.status, 431);
    ck_assert_int_eq(scan(text, length - 2, length - 1), HEAD_PARTIAL);
    ck_assert_int_eq(scan_on(text, length - 1, length - 1), HEAD_REFUSED);
    ck_assert_uint_eq(scanned_refusal.status, 431);
    strcpy(text + length, "and a body that may be long");
    ck_assert_int_eq(scan(text, strlen(text), length), HEAD_WHOLE);
}
END_TEST

START_TEST(a_content_type_has_a_limit)
{
    char text[CONTENT_TYPE_MAX + 200];
    for (int over = 0; over < 2; over++) {
        int length = snprintf(text, sizeof text, GET "Content-Type: %0*d\r\n\r\n", CONTENT_TYPE_MAX + over, 0);
        ck_assert_int_eq(scan(text, (size_t)length, SCANNED_MAX_BYTES), over ? HEAD_REFUSED : HEAD_WHOLE);
    }
    ck_assert_uint_eq(scanned_refusal.status, 431);
}
END_TEST

/* Valid heads with a few bytes changed, from a fixed seed. The result must not depend on the splits. */
START_TEST(a_damaged_head_is_judged_alike_however_it_comes_in)
{
    static const char good[] =
        "POST /echo?a=%20 HTTP/1.1\r\nHost: x:80\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    static const char bytes[] = " \t\r\n:%/\0\x7f\xff,0HTh*?";
    unsigned refused = 0, whole = 0;
    srand(1);
    for (unsigned round = 0; round < 2000; round++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (int change = rand() % 3; change >= 0; change--)
            text[(unsigned)rand() % (sizeof good - 1)] = bytes[(unsigned)rand() % (sizeof bytes - 1)];
        enum head_status status = scan_every_way(text, sizeof good - 1);
        refused += status == HEAD_REFUSED;
        whole += status == HEAD_WHOLE;
    }
    ck_assert_uint_gt(refused, 500);
    ck_assert_uint_gt(whole, 50);
}
END_TEST

/* Random bytes from a fixed seed, after beginnings that lead deep into the scanner. Half of them are bytes that matter
 * to it. */
START_TEST(random_bytes_are_judged_alike_however_they_come_in)
{
    static const char *const beginnings[] = {"", "\r\n", "GET ", "GET / HTTP/1.", GET, POST "Content-", GET "\r"};
    static const char bytes[] = " \t\r\n\r\n\r\n:%/\0,01HT*?.";
    srand(2);
    for (unsigned round = 0; round < 4000; round++) {
        char text[100];
        size_t length = (size_t)snprintf(text, sizeof text, "%s", beginnings[round % 7]);
        for (unsigned more = (unsigned)rand() % 24; more > 0; more--)
            text[length++] = (char)(rand() % 2 ? rand() : bytes[(unsigned)rand() % (sizeof bytes - 1)]);
        if (scan_every_way(text, length) == HEAD_WHOLE)
            ck_assert_uint_le(scanned.target.at + scanned.target.length, scanned.bytes);
    }
}
END_TEST

/* Wherever the bytes that have come so far end: also at the end of a line. */
START_TEST(a_head_has_begun_with_its_first_byte)
{
    static const char text[] = "\r\n\r\n" GET "Accept: */*\r\n";
    for (size_t length = 0; length < sizeof text; length++) {
        ck_assert_int_eq(scan(text, length, SCANNED_MAX_BYTES), HEAD_PARTIAL);
        bool between_blank_lines = length == 0 || length == 2 || length == 4;
        ck_assert_msg(head_has_begun(&scanned, length) == !between_blank_lines, "%zu bytes", length);
    }
}
END_TEST

SUITE("head_parser", whether_a_websocket_is_asked_for, the_request_line_is_taken_apart,
      of_an_absolute_target_the_path_and_the_query_matter, a_method_has_up_to_32_bytes,
      the_fields_that_frame_a_body_are_read, the_words_of_connection_are_read,
      fields_of_nearly_the_same_name_are_others, values_may_have_any_bytes_but_controls,
      what_follows_the_head_is_not_looked_at, a_head_has_begun_with_its_first_byte, the_limit_of_the_head_is_exact,
      a_content_type_has_a_limit, a_damaged_head_is_judged_alike_however_it_comes_in,
      random_bytes_are_judged_alike_however_they_come_in)
