#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

START_TEST(it_is_one_object_without_white_space)
{
    variants_open(&workload_json);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        variants_expect_answer(variant, 0, 0, "application/json", "{\"message\":\"Hello, World!\"}");
    variants_close();
}
END_TEST

/* A body kept from an earlier request would be freed with that request's reply, or be the same memory. */
START_TEST(each_request_has_a_serialisation_of_its_own)
{
    variants_open(&workload_json);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        struct request *first = variants_request(0, 0), *second = variants_request(0, 0);
        variants_call(variant, first);
        variants_call(variant, second);
        ck_assert_ptr_ne(first->reply.body, second->reply.body);
        reply_free(&first->reply);
        variants_expect(second, 200, "application/json", "{\"message\":\"Hello, World!\"}");
    }
    variants_close();
}
END_TEST

SUITE("json", it_is_one_object_without_white_space, each_request_has_a_serialisation_of_its_own)
