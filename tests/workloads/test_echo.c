#include <string.h>

#include "suite.h"
#include "workloads/variants.h"
#include "workloads/workloads.h"

static void expect_echo(enum variant variant, const char *type, const char *body, size_t length,
                        const char *answered_type)
{
    struct request *request = variants_request(0, 0);
    request->content_type = type;
    if (length)
        ck_assert_int_eq(request_body_append(request, body, length), ERR_OK);
    variants_call(variant, request);
    ck_assert_uint_eq(request->reply.status, 200);
    ck_assert_str_eq(request->reply.type, answered_type);
    ck_assert_uint_eq(request->reply.body_bytes, length);
    ck_assert_ptr_nonnull(request->reply.body);
    ck_assert_int_eq(memcmp(request->reply.body, body, length), 0);
}

START_TEST(it_answers_the_same_bytes_and_the_same_type)
{
    static const char binary[] = "\0\r\n\xff\xfe{}\0";
    variants_open(&workload_echo);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        expect_echo(variant, "text/html; charset=latin-1", "<p>", 3, "text/html; charset=latin-1");
        expect_echo(variant, "image/png", binary, sizeof binary, "image/png");
    }
    variants_close();
}
END_TEST

START_TEST(bytes_of_no_type_are_octets)
{
    variants_open(&workload_echo);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        expect_echo(variant, NULL, "body", 4, "application/octet-stream");
    variants_close();
}
END_TEST

START_TEST(an_empty_body_is_an_empty_answer)
{
    variants_open(&workload_echo);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++) {
        expect_echo(variant, "text/css", "", 0, "text/css");
        expect_echo(variant, NULL, "", 0, "application/octet-stream");
    }
    variants_close();
}
END_TEST

START_TEST(a_large_body_comes_back_whole)
{
    enum { LENGTH = 1024 * 1024 };
    char *body = malloc(LENGTH);
    for (unsigned i = 0; i < LENGTH; i++)
        body[i] = (char)(i * 2654435761U >> 24);
    variants_open(&workload_echo);
    for (enum variant variant = 0; variant < VARIANT_COUNT; variant++)
        expect_echo(variant, "a/b", body, LENGTH, "a/b");
    variants_close();
    free(body);
}
END_TEST

SUITE("echo", it_answers_the_same_bytes_and_the_same_type, bytes_of_no_type_are_octets,
      an_empty_body_is_an_empty_answer, a_large_body_comes_back_whole)
