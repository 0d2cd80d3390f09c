#include "http/websocket/handshake.h"

#include <stdio.h>
#include <string.h>

#include "core/reply_fields.h"
#include "core/rig.h"
#include "suite.h"

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" /* RFC 6455, 1.3 */
#define V13 "Sec-WebSocket-Version: 13\r\n"

/* Returns a request with these fields. Its head has exactly its size, so that a sanitizer sees a read past the end. */
static struct request *request_with(const char *fields)
{
    struct request *request = request_new(rig_loop, strlen(fields) + 2 + REQUEST_HEAD_INLINE);
    request->head_bytes = strlen(fields) + 2;
    request->fields_at = 0;
    snprintf(request->head, request->head_bytes + 1, "%s\r\n", fields);
    return request;
}

static void expect(const char *fields, unsigned status)
{
    struct request *request = request_with(fields);
    ck_assert_int_eq(handshake_check(request), status == 0);
    ck_assert_uint_eq(request->reply.status, status);
    if (status == 426)
        ck_assert_str_eq(reply_fields_value(&request->reply.fields, "sec-websocket-version"), "13");
    request_free(request);
}

START_TEST(the_version_and_the_key_are_checked)
{
    rig_open();
    expect(KEY V13, 0);
    expect("sec-websocket-version:13\r\nSEC-WEBSOCKET-KEY:\t+/+/+/+/+/+/+/+/+/+/+Q== \r\n", 0);
    expect(KEY, 426);
    expect(KEY "Sec-WebSocket-Version: 8\r\n", 426);
    expect(KEY "Sec-WebSocket-Version: 13, 8\r\n", 426);
    expect(KEY V13 V13, 426);
    expect(V13, 400);
    expect(KEY V13 KEY, 400);
    expect(V13 "Sec-WebSocket-Key:\r\n", 400);
    expect(V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n", 400);
    expect(V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQA=\r\n", 400);
    expect(V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSB.b25jZQ==\r\n", 400);
    expect(V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ====\r\n", 400);
    rig_close();
}
END_TEST

START_TEST(what_is_answered_to_the_key)
{
    char accept[HANDSHAKE_ACCEPT_BYTES];
    rig_open();
    struct request *request = request_with(V13 KEY);
    ck_assert(handshake_accept(request, accept));
    ck_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    request_free(request);
    request = request_with(V13);
    ck_assert(!handshake_accept(request, accept));
    request_free(request);
    rig_close();
}
END_TEST

SUITE("handshake", the_version_and_the_key_are_checked, what_is_answered_to_the_key)
