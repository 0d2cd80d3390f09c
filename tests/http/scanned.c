#include "http/scanned.h"

#include "assertions.h"
#include <stdlib.h>
#include <string.h>

struct head scanned;
struct head_refusal scanned_refusal;

enum head_status scan_on(const char *bytes, size_t length, size_t max_bytes)
{
    char *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    enum head_status status = head_scan(&scanned, length ? copy : copy + 1, length, max_bytes, &scanned_refusal);
    free(copy);
    return status;
}

enum head_status scan(const char *bytes, size_t length, size_t max_bytes)
{
    scanned = (struct head){0};
    return scan_on(bytes, length, max_bytes);
}

static enum head_status scan_byte_by_byte(const char *bytes, size_t length)
{
    scanned = (struct head){0};
    enum head_status status = HEAD_PARTIAL;
    for (size_t i = 0; i <= length && status == HEAD_PARTIAL; i++)
        status = scan_on(bytes, i, SCANNED_MAX_BYTES);
    return status;
}

static void expect_same_span(struct span span, struct span expected)
{
    ck_assert_uint_eq(span.length, expected.length);
    ck_assert_uint_eq(span.at, expected.at);
}

static void expect_same(const struct head *expected)
{
    ck_assert_uint_eq(scanned.bytes, expected->bytes);
    expect_same_span(scanned.method, expected->method);
    expect_same_span(scanned.target, expected->target);
    expect_same_span(scanned.content_type, expected->content_type);
    ck_assert_uint_eq(scanned.content_length, expected->content_length);
    ck_assert_uint_eq(scanned.minor_version, expected->minor_version);
    ck_assert_int_eq(scanned.has_content_length, expected->has_content_length);
    ck_assert_int_eq(scanned.chunked, expected->chunked);
    ck_assert_int_eq(scanned.close, expected->close);
    ck_assert_int_eq(scanned.keep_alive, expected->keep_alive);
    ck_assert_int_eq(scanned.expects_continue, expected->expects_continue);
}

static void expect_verdict(enum head_status status, enum head_status expected, const struct head *head,
                           unsigned refusal_status)
{
    ck_assert_int_eq(status, expected);
    if (status == HEAD_REFUSED)
        ck_assert_uint_eq(scanned_refusal.status, refusal_status);
    if (status == HEAD_WHOLE)
        expect_same(head);
}

enum head_status scan_every_way(const char *bytes, size_t length)
{
    enum head_status whole = scan(bytes, length, SCANNED_MAX_BYTES);
    struct head expected = scanned;
    struct head_refusal refusal = scanned_refusal;
    for (size_t first = 0; first < length; first++) {
        enum head_status status = scan(bytes, first, SCANNED_MAX_BYTES);
        if (status == HEAD_PARTIAL)
            status = scan_on(bytes, length, SCANNED_MAX_BYTES);
        expect_verdict(status, whole, &expected, refusal.status);
    }
    expect_verdict(scan_byte_by_byte(bytes, length), whole, &expected, refusal.status);
    scanned_refusal = refusal;
    return whole;
}

void scan_expect_whole(const char *text)
{
    ck_assert_msg(scan_every_way(text, strlen(text)) == HEAD_WHOLE, "%s: %s", text, scanned_refusal.reason);
    ck_assert_uint_eq(scanned.bytes, strlen(text));
}

void scan_expect_refused(const char *bytes, size_t length, unsigned status, const char *reason)
{
    ck_assert_msg(scan_every_way(bytes, length) == HEAD_REFUSED, "%s", bytes);
    ck_assert_msg(scanned_refusal.status == status && strstr(scanned_refusal.reason, reason), "%s: %u, %s", bytes,
                  scanned_refusal.status, scanned_refusal.reason);
}
