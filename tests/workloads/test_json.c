#include "forms.h"
#include "suite.h"
#include "workloads/workloads.h"

START_TEST(it_is_one_object_without_white_space)
{
    forms_open(&workload_json);
    for (enum form form = 0; form < FORM_COUNT; form++)
        forms_expect_answer(form, 0, 0, "application/json", "{\"message\":\"Hello, World!\"}");
    forms_close();
}
END_TEST

/* A body kept from an earlier request would be freed with that one's reply, or be the same memory. */
START_TEST(each_request_has_a_serialisation_of_its_own)
{
    forms_open(&workload_json);
    for (enum form form = 0; form < FORM_COUNT; form++) {
        struct request *first = forms_request(0, 0), *second = forms_request(0, 0);
        forms_call(form, first);
        forms_call(form, second);
        ck_assert_ptr_ne(first->reply.body, second->reply.body);
        reply_free(&first->reply);
        forms_expect(second, 200, "application/json", "{\"message\":\"Hello, World!\"}");
    }
    forms_close();
}
END_TEST

SUITE("json", it_is_one_object_without_white_space, each_request_has_a_serialisation_of_its_own)
