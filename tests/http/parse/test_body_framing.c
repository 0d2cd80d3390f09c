#include "http/parse/body_framing.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

enum { MAX_BYTES = 1000 };

static struct body_framing body_framing;

/* The body's bytes so far. */
static char passed[8192];
static size_t passed_bytes;

static void begin(void)
{
    passed_bytes = 0;
}

static void put(const char *bytes, size_t length)
{
    ck_assert_uint_le(passed_bytes + length, sizeof passed);
    memcpy(passed + passed_bytes, bytes, length);
    passed_bytes += length;
}

/* Feeds one piece in memory of exactly its size. *used: how many of its bytes the body took. */
static enum body_framing_status feed(const char *bytes, size_t length, size_t *used)
{
    char *in = malloc(length ? length : 1);
    memcpy(in, bytes, length);
    enum body_framing_status status = BODY_FRAMING_MORE;
    *used = 0;
    while (status == BODY_FRAMING_MORE && *used < length) {
        size_t in_bytes = length - *used, body_bytes;
        status = body_framing_take(&body_framing, in + *used, &in_bytes, &body_bytes);
        ck_assert_uint_le(in_bytes, length - *used);
        ck_assert_uint_le(body_bytes, in_bytes);
        ck_assert(in_bytes > 0);
        *used += in_bytes;
        put(in + *used - body_bytes, body_bytes);
    }
    free(in);
    return status;
}

/* Feeds the text in two pieces, split at each place. Expects this status each time, and, unless expected is NULL, that
 * body. */
static void expect(void (*start)(void), const char *text, enum body_framing_status status, const char *expected)
{
    size_t length = strlen(text);
    for (size_t first = 0; first <= length; first++) {
        size_t used = 0, more = 0;
        start();
        begin();
        enum body_framing_status got = feed(text, first, &used);
        if (got == BODY_FRAMING_MORE) {
            ck_assert_uint_eq(used, first);
            got = feed(text + first, length - first, &more);
        }
        ck_assert_msg(got == status, "%s, split at %zu: %d", text, first, got);
        if (!expected)
            continue;
        ck_assert_uint_eq(used + more, length);
        ck_assert_uint_eq(passed_bytes, strlen(expected));
        ck_assert_mem_eq(passed, expected, passed_bytes);
        ck_assert_int_eq(body_framing.state == BODY_FRAMING_NONE, status == BODY_FRAMING_END);
    }
}

static void start_five(void)
{
    body_framing_length(&body_framing, 5);
}

static void start_chunked(void)
{
    body_framing_chunked(&body_framing, MAX_BYTES);
}

START_TEST(a_body_of_a_known_length_ends_with_its_last_byte)
{
    size_t used;
    expect(start_five, "hello", BODY_FRAMING_END, "hello");
    expect(start_five, "hell", BODY_FRAMING_MORE, "hell");
    start_five();
    begin();
    ck_assert_int_eq(feed("helloGET /", 10, &used), BODY_FRAMING_END);
    ck_assert_uint_eq(used, 5);
    ck_assert_uint_eq(passed_bytes, 5);
}
END_TEST

START_TEST(no_body_is_at_its_end)
{
    body_framing_length(&body_framing, 0);
    ck_assert_int_eq(body_framing.state, BODY_FRAMING_NONE);
    start_five();
    body_framing_none(&body_framing);
    ck_assert_int_eq(body_framing.state, BODY_FRAMING_NONE);
}
END_TEST

START_TEST(chunks_are_the_body_without_their_coding)
{
    expect(start_chunked, "0\r\n\r\n", BODY_FRAMING_END, "");
    expect(start_chunked, "5\r\nhello\r\n0\r\n\r\n", BODY_FRAMING_END, "hello");
    expect(start_chunked, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", BODY_FRAMING_END, "hello world");
    /* Data that looks like chunked coding. */
    expect(start_chunked, "0000A;name=\"v\"\r\n\r\n0\r\n\r\n12x\r\n0\r\n\r\n", BODY_FRAMING_END, "\r\n0\r\n\r\n12x");
    expect(start_chunked, "3 \t\r\nabc\r\n0\r\n\r\n", BODY_FRAMING_END, "abc");
    expect(start_chunked, "3 ;x\r\nabc\r\n0;y\r\n\r\n", BODY_FRAMING_END, "abc");
    expect(start_chunked, "5\r\nhel", BODY_FRAMING_MORE, "hel");
}
END_TEST

START_TEST(trailers_are_dropped)
{
    expect(start_chunked, "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 7\r\n\r\n", BODY_FRAMING_END, "x");
}
END_TEST

START_TEST(what_is_no_chunked_coding_is_refused)
{
    static const char *const texts[] = {"zz\r\n",
                                        "\r\nhello",
                                        ";x\r\n",
                                        " 5\r\nhello\r\n",
                                        "-5\r\n",
                                        "+5\r\n",
                                        "0x5\r\nhello\r\n",
                                        "5\nhello",
                                        "5;x\nhello",
                                        "5\rhello",
                                        "5;x\rhello",
                                        "5 6\r\nhello\r\n",
                                        "5 x\r\nhello\r\n",
                                        "5\t \nhello\r\n",
                                        "3\r\nhello\r\n",
                                        "5\r\nhello\n0\r\n",
                                        "5\r\nhello\r0\r\n",
                                        "5\r\nhello0\r\n",
                                        "0\r\n\n",
                                        "0\r\n\rx",
                                        "0\r\nA: b\n\r\n",
                                        "0\r\nA: b\rc\r\n",
                                        "0\n\r\n"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect(start_chunked, texts[i], BODY_FRAMING_MALFORMED, NULL);
}
END_TEST

/* Feeds count chunks of this many bytes. size: the same number in hexadecimal, in any spelling. */
static enum body_framing_status feed_chunks(unsigned count, const char *size, size_t bytes)
{
    char text[4096], data[2048];
    size_t used, length = 0;
    memset(data, 'x', sizeof data);
    for (unsigned i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s\r\n%.*s\r\n", size, (int)bytes, data);
    start_chunked();
    begin();
    return feed(text, length, &used);
}

START_TEST(the_limit_of_the_body_is_exact)
{
    ck_assert_int_eq(feed_chunks(1, "3e8", 1000), BODY_FRAMING_MORE);
    ck_assert_int_eq(feed_chunks(1, "3e9", 1001), BODY_FRAMING_TOO_LARGE);
    ck_assert_uint_eq(passed_bytes, 0); /* refused for the announced size, before any byte */
    ck_assert_int_eq(feed_chunks(10, "64", 100), BODY_FRAMING_MORE);
    ck_assert_int_eq(feed_chunks(11, "64", 100), BODY_FRAMING_TOO_LARGE);
    ck_assert_int_eq(feed_chunks(1, "fffffffffffffff", 10), BODY_FRAMING_TOO_LARGE);
    ck_assert_int_eq(feed_chunks(1, "ffffffffffffffff", 10), BODY_FRAMING_TOO_LARGE);
    ck_assert_int_eq(feed_chunks(1, "10000000000000001", 1), BODY_FRAMING_TOO_LARGE);
    ck_assert_int_eq(feed_chunks(1, "000000000000001", 1), BODY_FRAMING_MORE);
}
END_TEST

START_TEST(extensions_and_trailers_have_a_limit)
{
    static char text[40000];
    static const char *const beginnings[] = {"1;", "0\r\nA: "};
    for (unsigned i = 0; i < 2; i++) {
        size_t used;
        memset(text, 'x', sizeof text);
        memcpy(text, beginnings[i], strlen(beginnings[i]));
        start_chunked();
        begin();
        ck_assert_int_eq(feed(text, 16000, &used), BODY_FRAMING_MORE);
        start_chunked();
        begin();
        ck_assert_int_eq(feed(text, sizeof text, &used), BODY_FRAMING_TOO_LARGE);
        ck_assert_uint_le(used, 17000);
    }
}
END_TEST

SUITE("body_framing", a_body_of_a_known_length_ends_with_its_last_byte, no_body_is_at_its_end,
      chunks_are_the_body_without_their_coding, trailers_are_dropped, what_is_no_chunked_coding_is_refused,
      the_limit_of_the_body_is_exact, extensions_and_trailers_have_a_limit)
