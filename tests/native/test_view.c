#include <string.h>

#include "captured_log.h"
#include "core/rig.h"
#include "native/call.h"
#include "native/called.h"
#include "suite.h"

static void expect_bytes(struct tandem_bytes bytes, const char *text)
{
    ck_assert_uint_eq(bytes.length, strlen(text));
    ck_assert_mem_eq(bytes.data, text, bytes.length);
}

static void close_call(void)
{
    captured_log_end();
    called_close();
}

START_TEST(the_request_line_is_as_it_was_sent)
{
    struct tandem_request *call = called("/native/a%20b?c=%20d?e", 7, "", "");
    ck_assert_str_eq(tandem_method(call), "PUT");
    ck_assert_str_eq(tandem_target(call), "/native/a%20b?c=%20d?e");
    ck_assert_str_eq(tandem_path(call), "/a b");
    ck_assert_str_eq(tandem_query(call), "c=%20d?e");
    ck_assert_uint_eq(tandem_http_minor_version(call), 1);
    ck_assert_str_eq(tandem_peer_host(call), "192.0.2.7");
    ck_assert_uint_eq(tandem_peer_port(call), 4321);
    close_call();
}
END_TEST

START_TEST(the_path_is_what_is_behind_the_mount)
{
    static const struct {
        const char *target, *path;
        size_t mount_bytes;
    } cases[] = {{"/native", "", 7},
                 {"/native?x=/a", "", 7},
                 {"/uv-pool/native/", "/", 15},
                 {"/a+b%2Fc%25%ff", "/a+b/c%\xff", 0}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tandem_request *call = called(cases[i].target, cases[i].mount_bytes, "", "");
        ck_assert_str_eq(tandem_path(call), cases[i].path);
        close_call();
    }
}
END_TEST

START_TEST(a_field_is_found_by_its_name_in_any_case)
{
    struct tandem_request *call = called("/", 0, "X-Ab: 1\r\nx-a:\t two words \r\nX-A: 3\r\nEmpty:\r\n", "");
    struct tandem_bytes value = {"untouched", 9};
    ck_assert(!tandem_field(call, "X", &value));
    ck_assert(!tandem_field(call, "X-Abc", &value));
    ck_assert(!tandem_field(call, "", &value));
    expect_bytes(value, "untouched");
    ck_assert(tandem_field(call, "X-A", &value));
    expect_bytes(value, "two words");
    ck_assert(tandem_field(call, "EMPTY", &value));
    expect_bytes(value, "");
    close_call();
}
END_TEST

START_TEST(the_fields_come_in_their_order)
{
    static const char *const expected[][2] = {{"Host", "x"}, {"A", "1"}, {"a", ""}};
    struct tandem_request *call = called("/", 0, "Host: x\r\nA: 1\r\na: \r\n", "");
    struct tandem_bytes name, value;
    for (unsigned round = 0; round < 2; round++) {
        size_t at = 0;
        for (unsigned i = 0; i < 3; i++) {
            ck_assert(tandem_next_field(call, &at, &name, &value));
            expect_bytes(name, expected[i][0]);
            expect_bytes(value, expected[i][1]);
        }
        ck_assert(!tandem_next_field(call, &at, &name, &value));
        ck_assert(!tandem_next_field(call, &at, &name, &value));
    }
    close_call();
    size_t at = 0;
    call = called("/", 0, "", "");
    ck_assert(!tandem_next_field(call, &at, &name, &value));
    close_call();
}
END_TEST

START_TEST(the_body_may_be_empty)
{
    expect_bytes(tandem_body(called("/", 0, "", "a body")), "a body");
    close_call();
    struct tandem_bytes body = tandem_body(called("/", 0, "", ""));
    ck_assert_ptr_nonnull(body.data);
    expect_bytes(body, "");
    close_call();
}
END_TEST

START_TEST(only_what_was_started_has_a_loop)
{
    struct tandem_request *call = called("/", 0, "", "");
    ck_assert_ptr_null(tandem_loop(call));
    call->evented = true;
    ck_assert_ptr_eq(tandem_loop(call), &rig_loop->uv);
    close_call();
}
END_TEST

START_TEST(the_user_s_pointer_is_null_at_first)
{
    struct tandem_request *call = called("/", 0, "", "");
    int own;
    ck_assert_ptr_null(tandem_user(call));
    tandem_set_user(call, &own);
    ck_assert_ptr_eq(tandem_user(call), &own);
    close_call();
}
END_TEST

SUITE("view", the_request_line_is_as_it_was_sent, the_path_is_what_is_behind_the_mount,
      a_field_is_found_by_its_name_in_any_case, the_fields_come_in_their_order, the_body_may_be_empty,
      only_what_was_started_has_a_loop, the_user_s_pointer_is_null_at_first)
