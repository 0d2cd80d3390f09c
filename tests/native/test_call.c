#include "native/call.h"

#include "native/called.h"
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
    called_close(); /* LeakSanitizer reports it if it is not freed */
}
END_TEST

START_TEST(the_fields_of_a_failure_are_freed)
{
    struct tandem_request *call = called("/", 0, "", "");
    tandem_add_field(call, "X", "y");
    call_fail(call, "on purpose");
    called_end(call);
    ck_assert_uint_eq(called_request->reply.fields.lines.length, 0);
    called_close(); /* LeakSanitizer reports a leak */
}
END_TEST

SUITE("call", it_lives_as_long_as_the_request, the_fields_of_a_failure_are_freed)
