#include "native/call.h"

#include <string.h>

#include "called.h"
#include "captured_log.h"
#include "suite.h"

START_TEST(it_lives_as_long_as_the_request)
{
    struct tandem_request *call = called("/a", 0, "", "");
    ck_assert_ptr_eq(called_request->state, call);
    ck_assert_ptr_eq(call->request, called_request);
    tandem_set_status(call, 200);
    tandem_add_field(call, "X", "y");
    called_end(call);
    ck_assert_str_eq(tandem_path(call), "/a");
    called_close(); /* LeakSanitizer says whether it is freed */
}
END_TEST

START_TEST(the_fields_of_a_failure_are_freed)
{
    struct tandem_request *call = called("/", 0, "", "");
    tandem_add_field(call, "X", "y");
    call_fail(call, "on purpose");
    called_end(call);
    ck_assert_uint_eq(called_request->reply.fields.strings.length, 0);
    called_close(); /* LeakSanitizer says */
}
END_TEST

START_TEST(a_path_that_cannot_be_decoded_is_no_request)
{
    static const char *const targets[] = {"/native/%", "/native/%4", "/native/%zz", "/native/a%00b", "/native/%?41"};
    for (unsigned i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        ck_assert_ptr_null(called(targets[i], 7, "", ""));
        ck_assert_str_eq(captured_log_end(), "");
        ck_assert_uint_eq(called_request->reply.status, 400);
        ck_assert_ptr_nonnull(strstr(called_request->reply.body, "the path cannot be decoded"));
        ck_assert_ptr_null(called_request->state);
        called_close();
    }
}
END_TEST

SUITE("call", it_lives_as_long_as_the_request, the_fields_of_a_failure_are_freed,
      a_path_that_cannot_be_decoded_is_no_request)
