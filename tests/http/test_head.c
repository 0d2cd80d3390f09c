#include "http/head.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

enum { MAX_BYTES = 16 * 1024 };

static struct head head;
static struct head_refusal refusal;

/* Scans a copy of exactly this size, so that a read past its end is seen. */
static enum head_status scan(const char *bytes, size_t length, size_t max_bytes)
{
    char *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    enum head_status status = head_scan(&head, copy, length, max_bytes, &refusal);
    free(copy);
    return status;
}

static void expect_same(const struct head *expected)
{
    ck_assert_uint_eq(head.bytes, expected->bytes);
    ck_assert_int_eq(memcmp(&head.method, &expected->method, sizeof head.method), 0);
    ck_assert_int_eq(memcmp(&head.target, &expected->target, sizeof head.target), 0);
    ck_assert_int_eq(memcmp(&head.content_type, &expected->content_type, sizeof head.content_type), 0);
    ck_assert_uint_eq(head.content_length, expected->content_length);
    ck_assert_uint_eq(head.minor_version, expected->minor_version);
    ck_assert_int_eq(head.has_content_length, expected->has_content_length);
    ck_assert_int_eq(head.chunked, expected->chunked);
    ck_assert_int_eq(head.close, expected->close);
    ck_assert_int_eq(head.keep_alive, expected->keep_alive);
    ck_assert_int_eq(head.expects_continue, expected->expects_continue);
}

/* The same bytes as they may come in: whole, and in two pieces at each place. The verdict must not depend on it. */
static enum head_status scan_in_every_split(const char *bytes, size_t length)
{
    head = (struct head){0};
    enum head_status whole = scan(bytes, length, MAX_BYTES);
    struct head expected = head;
    struct head_refusal expected_refusal = refusal;
    for (size_t first = 0; first < length; first++) {
        head = (struct head){0};
        enum head_status status = scan(bytes, first, MAX_BYTES);
        if (status == HEAD_PARTIAL)
            status = scan(bytes, length, MAX_BYTES);
        ck_assert_msg(status == whole, "%s: split at %zu", bytes, first);
        if (status == HEAD_REFUSED)
            ck_assert_uint_eq(refusal.status, expected_refusal.status);
        if (status == HEAD_WHOLE)
            expect_same(&expected);
    }
    return whole;
}

static enum head_status scan_byte_by_byte(const char *bytes, size_t length)
{
    head = (struct head){0};
    enum head_status status = HEAD_PARTIAL;
    for (size_t i = 0; i <= length && status == HEAD_PARTIAL; i++)
        status = scan(bytes, i, MAX_BYTES);
    return status;
}

static void expect_whole(const char *text)
{
    ck_assert_msg(scan_byte_by_byte(text, strlen(text)) == HEAD_WHOLE, "%s: %s", text, refusal.reason);
    ck_assert_msg(scan_in_every_split(text, strlen(text)) == HEAD_WHOLE, "%s: %s", text, refusal.reason);
    ck_assert_uint_eq(head.bytes, strlen(text));
}

static void expect_refused(const char *bytes, size_t length, unsigned status)
{
    ck_assert_msg(scan_byte_by_byte(bytes, length) == HEAD_REFUSED, "%s", bytes);
    ck_assert_msg(refusal.status == status, "%s: %u, %s", bytes, refusal.status, refusal.reason);
    ck_assert_msg(scan_in_every_split(bytes, length) == HEAD_REFUSED, "%s", bytes);
    ck_assert_msg(refusal.status == status, "%s: %u, %s", bytes, refusal.status, refusal.reason);
    ck_assert_uint_gt(strlen(refusal.reason), 10);
}

static void expect_span(const char *text, struct span span, const char *expected)
{
    ck_assert_uint_eq(span.length, strlen(expected));
    ck_assert_mem_eq(text + span.at, expected, span.length);
}

#define GET  "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"

START_TEST(the_request_line_is_taken_apart)
{
    const char *text = "OPTIONS /a/b%20c?d=%zz HTTP/1.1\r\nHost: x\r\n\r\n";
    expect_whole(text);
    expect_span(text, head.method, "OPTIONS");
    expect_span(text, head.target, "/a/b%20c?d=%zz");
    ck_assert_uint_eq(head.minor_version, 1);
    ck_assert(!head.close && !head.keep_alive && !head.chunked && !head.has_content_length && !head.expects_continue);

    text = "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n";
    expect_whole(text);
    expect_span(text, head.target, "*");
    text = "GET http://host:80/path?q HTTP/1.1\r\nHost: other\r\n\r\n";
    expect_whole(text);
    expect_span(text, head.target, "/path?q");
    text = "\r\n\r\nGET / HTTP/1.0\r\n\r\n"; /* RFC 9112, 2.2 */
    expect_whole(text);
    expect_span(text, head.method, "GET");
    ck_assert_uint_eq(head.minor_version, 0);
    expect_whole("GET / HTTP/1.9\r\nHost:\r\n\r\n");
    ck_assert_uint_eq(head.minor_version, 1);
}
END_TEST

START_TEST(the_fields_that_matter_are_read)
{
    const char *text = POST "CONTENT-length:  12 \t\r\nContent-Type:\ta/b; c=\"d\" \r\nExpect: 100-Continue\r\n"
                            "connection: foo, Close\r\n\r\n";
    expect_whole(text);
    ck_assert(head.has_content_length && head.close && head.expects_continue && !head.keep_alive);
    ck_assert_uint_eq(head.content_length, 12);
    expect_span(text, head.content_type, "a/b; c=\"d\"");

    expect_whole(POST "Transfer-Encoding: Chunked\r\nContent-Type:\r\n\r\n");
    ck_assert(head.chunked && !head.has_content_length);
    ck_assert_uint_eq(head.content_type.length, 0);
    expect_whole("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: x\r\nExpect: 100-continue\r\n\r\n");
    ck_assert(head.keep_alive && !head.close);
    ck_assert(!head.expects_continue); /* RFC 9110, 10.1.1 */
    expect_whole(GET "Connection: closed, keep-alive2\r\nX-Empty:\r\nX: \x80\xff\r\n\r\n");
    ck_assert(!head.keep_alive && !head.close);
    expect_whole(POST "Content-Length: 18446744073709551615\r\n\r\n");
    ck_assert_uint_eq(head.content_length, UINT64_MAX);
    expect_whole(POST "Content-Length: 0000000000000000000000005\r\n\r\n");
    ck_assert_uint_eq(head.content_length, 5);
}
END_TEST

START_TEST(what_follows_the_head_is_not_looked_at)
{
    static const char text[] = GET "\r\nBODY \x01\r\n\r\n";
    head = (struct head){0};
    ck_assert_int_eq(scan(text, sizeof text - 1, MAX_BYTES), HEAD_WHOLE);
    ck_assert_uint_eq(head.bytes, strlen(GET "\r\n"));
}
END_TEST

START_TEST(a_request_line_that_is_none_is_refused)
{
    static const char *const lines[] = {"GARBAGE\r\n",
                                        "GET /\r\n",
                                        "GET HTTP/1.1\r\n",
                                        "GET  / HTTP/1.1\r\n",
                                        "GET /  HTTP/1.1\r\n",
                                        "GET / HTTP/1.1 \r\n",
                                        " GET / HTTP/1.1\r\n",
                                        "GET\t/ HTTP/1.1\r\n",
                                        "GET / http/1.1\r\n",
                                        "GET / HTTP/1.\r\n",
                                        "GET / HTTP/1.10\r\n",
                                        "GET / HTTP/a.1\r\n",
                                        "GET / HTTP/1,1\r\n",
                                        "G@T / HTTP/1.1\r\n",
                                        "GET path HTTP/1.1\r\n",
                                        "GET * HTTP/1.1\r\n",
                                        "GET ftp://x/ HTTP/1.1\r\n",
                                        "GET http://x HTTP/1.1\r\n",
                                        "GET http://x?/ HTTP/1.1\r\n",
                                        "GET http:/ HTTP/1.1\r\n",
                                        "GET /\x01 HTTP/1.1\r\n",
                                        "GET /\x7f HTTP/1.1\r\n",
                                        "GET /\x80 HTTP/1.1\r\n",
                                        "GET /%0 HTTP/1.1\r\n",
                                        "GET /%0g HTTP/1.1\r\n",
                                        "GET /%00 HTTP/1.1\r\n",
                                        "GET /%? HTTP/1.1\r\n",
                                        "GET / HTTP/1.1\n",
                                        "GET / HTTP/1.1\r\r\n",
                                        "\n",
                                        "\rGET / HTTP/1.1\r\n",
                                        "METHODNAMESOFMORETHANTHIRTYTWOBYTES / HTTP/1.1\r\n",
                                        "\x16\x03\x01",
                                        "{"};
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
        expect_refused(lines[i], strlen(lines[i]), 400);
    expect_refused("GET /\0 HTTP/1.1\r\n", 17, 400);
    expect_refused("GET / HTTP/2.0\r\n", 16, 505);
    expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24, 505);
    expect_refused("GET / HTTP/0.9\r\n", 16, 505);
}
END_TEST

START_TEST(a_field_that_is_none_is_refused)
{
    static const char *const fields[] = {"Nonsense\r\n", ": x\r\n",        "A : x\r\n",    " A: x\r\n",
                                         "\tA: x\r\n",   "A: x\r\n b\r\n", "A\x01: x\r\n", "A: \x01\r\n",
                                         "A: a\rb\r\n",  "A: \x7f\r\n",    "A: x\n",       "(comment): x\r\n"};
    char text[256];
    for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        int length = snprintf(text, sizeof text, GET "%s\r\n", fields[i]);
        expect_refused(text, (size_t)length, 400);
    }
    static const char nul[] = GET "A: a\0b\r\n\r\n";
    expect_refused(nul, sizeof nul - 1, 400);
}
END_TEST

START_TEST(framing_that_two_could_read_differently_is_refused)
{
    static const struct {
        const char *text;
        unsigned status;
    } cases[] = {
        {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
        {POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
        {POST "Content-Length: 5, 5\r\n\r\n", 400},
        {POST "Content-Length: +5\r\n\r\n", 400},
        {POST "Content-Length: -5\r\n\r\n", 400},
        {POST "Content-Length: 0x5\r\n\r\n", 400},
        {POST "Content-Length: 5 5\r\n\r\n", 400},
        {POST "Content-Length:\r\n\r\n", 400},
        {POST "Content-Length: 18446744073709551616\r\n\r\n", 413},
        {POST "Content-Length : 5\r\n\r\n", 400},
        {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
        {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {POST "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
        {POST "Transfer-Encoding: xchunked\r\n\r\n", 400},
        {POST "Transfer-Encoding:\r\n\r\n", 400},
        {POST "Transfer-Encoding : chunked\r\n\r\n", 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
        {POST "Expect: something\r\n\r\n", 417},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].text, strlen(cases[i].text), cases[i].status);
}
END_TEST

START_TEST(the_limit_of_the_head_is_exact)
{
    char text[400];
    int length = snprintf(text, sizeof text, GET "X: %0300d\r\n\r\n", 0);
    head = (struct head){0};
    ck_assert_int_eq(scan(text, (size_t)length, (size_t)length), HEAD_WHOLE);
    head = (struct head){0};
    ck_assert_int_eq(scan(text, (size_t)length, (size_t)length - 1), HEAD_REFUSED);
    ck_assert_uint_eq(refusal.status, 431);
    head = (struct head){0};
    ck_assert_int_eq(scan(text, (size_t)length - 2, (size_t)length - 1), HEAD_PARTIAL);
    ck_assert_int_eq(scan(text, (size_t)length - 1, (size_t)length - 1), HEAD_REFUSED);
    ck_assert_uint_eq(refusal.status, 431);
}
END_TEST

START_TEST(a_content_type_has_a_limit)
{
    char text[CONTENT_TYPE_MAX + 200];
    for (int over = 0; over < 2; over++) {
        int length = snprintf(text, sizeof text, GET "Content-Type: %0*d\r\n\r\n", CONTENT_TYPE_MAX + over, 0);
        head = (struct head){0};
        ck_assert_int_eq(scan(text, (size_t)length, MAX_BYTES), over ? HEAD_REFUSED : HEAD_WHOLE);
    }
    ck_assert_uint_eq(refusal.status, 431);
}
END_TEST

/* Good heads with a few bytes changed, from a fixed seed: whatever comes out, it does not depend on the splits. */
START_TEST(a_damaged_head_is_judged_alike_however_it_comes_in)
{
    static const char good[] =
        "POST /echo?a=%20 HTTP/1.1\r\nHost: x:80\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    static const char bytes[] = " \t\r\n:%/\0\x7f\xff,0HTh*?";
    unsigned refused = 0, whole = 0;
    srand(1);
    for (unsigned round = 0; round < 3000; round++) {
        char text[sizeof good];
        memcpy(text, good, sizeof good);
        for (int change = rand() % 3; change >= 0; change--)
            text[(unsigned)rand() % (sizeof good - 1)] = bytes[(unsigned)rand() % (sizeof bytes - 1)];
        enum head_status status = scan_in_every_split(text, sizeof good - 1);
        refused += status == HEAD_REFUSED;
        whole += status == HEAD_WHOLE;
    }
    ck_assert_uint_gt(refused, 1000);
    ck_assert_uint_gt(whole, 100);
}
END_TEST

SUITE("head", the_request_line_is_taken_apart, the_fields_that_matter_are_read, what_follows_the_head_is_not_looked_at,
      a_request_line_that_is_none_is_refused, a_field_that_is_none_is_refused,
      framing_that_two_could_read_differently_is_refused, the_limit_of_the_head_is_exact, a_content_type_has_a_limit,
      a_damaged_head_is_judged_alike_however_it_comes_in)
