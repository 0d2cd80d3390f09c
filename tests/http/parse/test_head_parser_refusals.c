/* Bytes that are no request head, or that could be read in two ways. They are refused with the right status and
 * reason. */
#include <stdio.h>
#include <string.h>

#include "http/scanned.h"
#include "suite.h"

#define GET  "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"

struct refused {
    const char *text;
    const char *reason; /* a part of the refusal's sentence */
    unsigned status;    /* 0 stands for 400 */
};

/* Scans each text between before and behind, and expects its refusal. */
static void expect_all(const char *before, const struct refused *cases, size_t count, const char *behind)
{
    for (size_t i = 0; i < count; i++) {
        char text[256];
        int length = snprintf(text, sizeof text, "%s%s%s", before, cases[i].text, behind);
        ck_assert_int_lt(length, (int)sizeof text);
        scan_expect_refused(text, (size_t)length, cases[i].status ? cases[i].status : 400, cases[i].reason);
    }
}

#define EXPECT_ALL(before, cases, behind) expect_all(before, cases, sizeof(cases) / sizeof(cases)[0], behind)

START_TEST(a_request_line_begins_with_a_method)
{
    static const struct refused cases[] = {
        {"GARBAGE\r\n", "does not begin with a method and a space", 0},
        {" GET / HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"\tGET / HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"GET\t/ HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"G@T / HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"\rGET / HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"G\x01T / HTTP/1.1\r\n", "does not begin with a method and a space", 0},
        {"\x16\x03\x01", "this is not HTTP", 0}, /* TLS: refused without waiting for the end of a line */
        {"{", "this is not HTTP", 0},
        {"\r\n{", "this is not HTTP", 0},
    };
    EXPECT_ALL("", cases, "");
}
END_TEST

START_TEST(a_request_line_has_three_parts)
{
    static const char parts[] = "method, target, version, with one space between";
    static const char version[] = "does not end with HTTP/1.1 or HTTP/1.0";
    static const struct refused cases[] = {
        {"GET ", parts, 0},
        {"GET /", parts, 0},
        {"GET HTTP/1.1", parts, 0},
        {"GET  / HTTP/1.1", parts, 0},
        {"GET /  HTTP/1.1", version, 0},
        {"GET / HTTP/1.1 ", version, 0},
        {"GET / x HTTP/1.1", version, 0},
        {"GET / http/1.1", version, 0},
        {"GET / HTTP/1.", version, 0},
        {"GET / HTTP/1.10", version, 0},
        {"GET / HTTP/a.1", version, 0},
        {"GET / HTTP/1.a", version, 0},
        {"GET / HTTP/:.1", version, 0},
        {"GET / HTTP/1./", version, 0},
        {"GET / HTTP/1.:", version, 0},
        {"GET / HTTP//.1", version, 0},
        {"GET / HTTP/1,1", version, 0},
        {"GET / HTTQ/1.1", version, 0},
        {"GET / ", version, 0},
        {"GET / HTTP/2.0", "only HTTP/1.1 and HTTP/1.0", 505},
        {"GET / HTTP/0.9", "only HTTP/1.1 and HTTP/1.0", 505},
        {"PRI * HTTP/2.0", "only HTTP/1.1 and HTTP/1.0", 505},
    };
    EXPECT_ALL("", cases, "\r\n");
}
END_TEST

START_TEST(a_target_is_a_path_or_an_http_uri)
{
    static const char encoded[] = "must be percent-encoded", begin[] = "does not begin with / or http://";
    static const char digits[] = "% that two hexadecimal digits do not follow";
    static const struct refused cases[] = {
        {"path", begin, 0},
        {"*", begin, 0},
        {"?", begin, 0},
        {"ftp://x/", begin, 0},
        {"https://x/", begin, 0},
        {"http:/", begin, 0},
        {"http:/x/y", begin, 0},
        {"http://", begin, 0},
        {"http://x", "no path", 0},
        {"http://x?/", "no path", 0},
        {"http://x:80", "no path", 0},
        {"/\x01", encoded, 0},
        {"/\t", encoded, 0},
        {"/\x7f", encoded, 0},
        {"/\x80", encoded, 0},
        {"/?\xff", encoded, 0},
        {"/%", digits, 0},
        {"/%0", digits, 0},
        {"/%0g", digits, 0},
        {"/%g0", digits, 0},
        {"/%?00", digits, 0},
        {"/a%2/b", digits, 0},
        {"/%00", "percent-encoded NUL", 0},
        {"/a%00?b", "percent-encoded NUL", 0},
    };
    EXPECT_ALL("GET ", cases, " HTTP/1.1\r\n");
    scan_expect_refused("GET /\0 HTTP/1.1\r\n", 17, 400, encoded);
    scan_expect_refused("OPTIONS ** HTTP/1.1\r\n", 21, 400, begin);
}
END_TEST

/* RFC 9110, 4.2.1: a recipient must reject an http URI with an empty host. */
START_TEST(an_http_uri_has_a_host)
{
    static const struct refused cases[] = {{"http:///path", "host", 0}, {"http://:80/path", "host", 0}};
    EXPECT_ALL("GET ", cases, " HTTP/1.1\r\nHost: x\r\n\r\n");
}
END_TEST

START_TEST(a_field_is_a_name_a_colon_and_a_value)
{
    static const char shape[] = "name, colon, value, without a space before the colon";
    static const struct refused cases[] = {
        {"Nonsense", shape, 0},
        {": x", shape, 0},
        {"A : x", shape, 0},
        {"A\t: x", shape, 0},
        {"A\x01: x", shape, 0},
        {"(comment): x", shape, 0},
        {"\xc3\xbc: x", shape, 0},
        {"Content-Length : 5", shape, 0},
        {"Transfer-Encoding : chunked", shape, 0},
        {" A: x", "folded", 0},
        {"\tA: x", "folded", 0},
        {"A: x\r\n b", "folded", 0},
        {"A: x\r\n ", "folded", 0},
        {"A: \x01", "control byte", 0},
        {"A: a\rb", "control byte", 0},
        {"A: \x1f", "control byte", 0},
        {"A: \x7f", "control byte", 0},
        {"Content-Type: a\x01", "control byte", 0},
    };
    EXPECT_ALL(GET, cases, "\r\n\r\n");
    static const char nul[] = GET "A: a\0b\r\n\r\n";
    scan_expect_refused(nul, sizeof nul - 1, 400, "control byte");
}
END_TEST

START_TEST(a_line_ends_with_crlf_only)
{
    static const struct refused cases[] = {
        {"\n", "LF alone", 0},
        {"\r\n\n", "LF alone", 0},
        {"GET / HTTP/1.1\n", "LF alone", 0},
        {GET "A: x\n", "LF alone", 0},
        {GET "\n", "LF alone", 0},
        {"GET / HTTP/1.1\r\r\n", "does not end with HTTP/1.1", 0},
        {GET "A: x\r\r\n", "control byte", 0},
        {GET "\r\r\n", "name, colon, value", 0},
    };
    EXPECT_ALL("", cases, "");
}
END_TEST

START_TEST(body_framing_that_two_could_read_differently_is_refused)
{
    static const char number[] = "Content-Length is not a whole number";
    static const char chunked[] = "the only Transfer-Encoding served here is chunked";
    static const struct refused cases[] = {
        {"Content-Length: 5\r\nContent-Length: 6\r\n", "more than one Content-Length", 0},
        {"Content-Length: 5\r\nContent-Length: 5\r\n", "more than one Content-Length", 0},
        {"Content-Length: 0\r\nContent-Length: 0\r\n", "more than one Content-Length", 0},
        {"Content-Length: 5, 5\r\n", number, 0},
        {"Content-Length: +5\r\n", number, 0},
        {"Content-Length: -5\r\n", number, 0},
        {"Content-Length: 0x5\r\n", number, 0},
        {"Content-Length: 5 5\r\n", number, 0},
        {"Content-Length: 5:\r\n", number, 0},
        {"Content-Length:\r\n", "Content-Length is empty", 0},
        {"Content-Length: 18446744073709551616\r\n", "beyond any limit", 413},
        {"Content-Length: 184467440737095516150\r\n", "beyond any limit", 413},
        {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "both Content-Length and Transfer-Encoding", 0},
        {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "both Content-Length and Transfer-Encoding", 0},
        {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "more than one Transfer-Encoding", 0},
        {"Transfer-Encoding: gzip, chunked\r\n", chunked, 0},
        {"Transfer-Encoding: chunked, identity\r\n", chunked, 0},
        {"Transfer-Encoding: xchunked\r\n", chunked, 0},
        {"Transfer-Encoding: chunke\r\n", chunked, 0},
        {"Transfer-Encoding: identity\r\n", chunked, 0},
        {"Transfer-Encoding:\r\n", chunked, 0},
    };
    EXPECT_ALL(POST, cases, "\r\n");
    static const struct refused old[] = {{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", "in HTTP/1.0", 0}};
    EXPECT_ALL("", old, "\r\n");
}
END_TEST

START_TEST(the_host_is_one_and_looks_like_one)
{
    static const struct refused cases[] = {
        {"GET / HTTP/1.1\r\n", "no Host", 0},
        {"GET / HTTP/1.1\r\nHosts: x\r\n", "no Host", 0},
        {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n", "more than one Host", 0},
        {"GET / HTTP/1.1\r\nHost:\r\nHost:\r\n", "more than one Host", 0},
        {"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n", "more than one Host", 0},
        {"GET / HTTP/1.1\r\nHost: x y\r\n", "no host name has", 0},
        {"GET / HTTP/1.1\r\nHost: x/y\r\n", "no host name has", 0},
        {"GET / HTTP/1.1\r\nHost: user@x\r\n", "no host name has", 0},
        {"GET / HTTP/1.1\r\nHost: \xc3\xbc\r\n", "no host name has", 0},
    };
    EXPECT_ALL("", cases, "\r\n");
}
END_TEST

START_TEST(an_expectation_that_is_not_met_is_a_417)
{
    static const struct refused cases[] = {
        {"Expect: something\r\n", "100-continue", 417},
        {"Expect: 100-continue, x\r\n", "100-continue", 417},
        {"Expect: 100-continu\r\n", "100-continue", 417},
    };
    EXPECT_ALL(POST, cases, "\r\n");
}
END_TEST

SUITE("head_parser_refusals", a_request_line_begins_with_a_method, a_request_line_has_three_parts,
      a_target_is_a_path_or_an_http_uri, an_http_uri_has_a_host, a_field_is_a_name_a_colon_and_a_value,
      a_line_ends_with_crlf_only, body_framing_that_two_could_read_differently_is_refused,
      the_host_is_one_and_looks_like_one, an_expectation_that_is_not_met_is_a_417)
