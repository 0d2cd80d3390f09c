#include "core/reply.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#include "core/reply_fields.h"
#include "suite.h"

static struct reply reply;

static void expect(unsigned status, const char *type, const char *body, size_t body_bytes)
{
    ck_assert_uint_eq(reply.status, status);
    ck_assert_str_eq(reply.type, type);
    ck_assert_uint_eq(reply.body_bytes, body_bytes);
    ck_assert_mem_eq(reply.body, body, body_bytes);
}

START_TEST(an_empty_one_has_no_status_and_no_body)
{
    reply_init(&reply);
    ck_assert_uint_eq(reply.status, 0);
    ck_assert_uint_eq(reply.body_bytes, 0);
    ck_assert_ptr_nonnull(reply.body);
    ck_assert_uint_eq(reply.fields.lines.length, 0);
    ck_assert_int_eq(reply.refusal, REFUSED_NOT);
    reply_free(&reply);
}
END_TEST

START_TEST(a_copy_is_one_whatever_its_size)
{
    static const size_t sizes[] = {0, 1, 191, 192, 193, 100000};
    char body[100000];
    reply_init(&reply);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memset(body, 'a' + (int)i, sizeof body);
        reply_copy(&reply, 201, TYPE_BYTES, body, sizes[i]);
        memset(body, '-', sizeof body);
        ck_assert_uint_eq(reply.body_bytes, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            ck_assert_int_eq(reply.body[at], 'a' + (int)i);
    }
    reply_copy(&reply, 200, TYPE_TEXT, NULL, 0);
    expect(200, "text/plain; charset=utf-8", "", 0);
    reply_free(&reply);
}
END_TEST

START_TEST(what_is_taken_is_freed_and_what_is_borrowed_is_not)
{
    static const char literal[] = "literal";
    reply_init(&reply);
    reply_take(&reply, 200, TYPE_JSON, strdup("{}"), 2);
    expect(200, "application/json", "{}", 2);
    reply_borrow(&reply, 404, TYPE_TEXT, literal, 7); /* frees the previous type: LeakSanitizer reports a leak */
    expect(404, "text/plain; charset=utf-8", "literal", 7);
    ck_assert_ptr_eq(reply.body, literal);
    reply_free(&reply);
    reply_free(&reply);
    ck_assert_uint_eq(reply.status, 0);
}
END_TEST

static unsigned released;

static void release(void *context)
{
    ck_assert_ptr_eq(context, &released);
    released++;
}

START_TEST(what_is_not_malloc_s_is_freed_by_its_owner_s_function)
{
    reply_init(&reply);
    reply_take_with(&reply, 200, TYPE_TEXT, "text", 4, release, &released);
    expect(200, "text/plain; charset=utf-8", "text", 4);
    ck_assert_uint_eq(released, 0);
    reply_error(&reply, 504, REFUSED_HANDLER_TIMEOUT, "late");
    ck_assert_uint_eq(released, 1);
    reply_free(&reply);
    ck_assert_uint_eq(released, 1);
}
END_TEST

START_TEST(a_type_is_copied_whatever_its_length)
{
    char type[3000];
    static const size_t lengths[] = {0, 1, 63, 64, 65, 2048};
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        reply_init(&reply);
        reply_copy(&reply, 200, NULL, "x", 1);
        memset(type, 't', sizeof type);
        reply_copy_type(&reply, type, lengths[i]);
        memset(type, '-', sizeof type);
        ck_assert_uint_eq(strlen(reply.type), lengths[i]);
        ck_assert_uint_eq(strspn(reply.type, "t"), lengths[i]);
        ck_assert_mem_eq(reply.body, "x", 1);
        reply_free(&reply);
    }
}
END_TEST

START_TEST(a_later_reply_has_nothing_of_an_earlier_one)
{
    reply_init(&reply);
    reply_error(&reply, 405, REFUSED_UNSUPPORTED, "no");
    reply_add_field(&reply, "Allow", "GET, HEAD");
    ck_assert_str_eq(reply_fields_value(&reply.fields, "Allow"), "GET, HEAD");
    reply.length = 7;
    reply_copy(&reply, 200, TYPE_TEXT, "x", 1);
    ck_assert_ptr_null(reply_fields_value(&reply.fields, "Allow"));
    ck_assert_uint_eq(reply.length, REPLY_LENGTH_OPEN);
    ck_assert_int_eq(reply.refusal, REFUSED_NOT);
    reply_free(&reply);
    ck_assert_uint_eq(reply.body_bytes, 0);
}
END_TEST

START_TEST(a_file_is_closed_with_the_reply_that_has_it)
{
    int file = open("/proc/self/exe", O_RDONLY);
    ck_assert_int_ge(file, 0);
    reply_init(&reply);
    reply_file(&reply, 206, file, 5, 10);
    ck_assert_uint_eq(reply.status, 206);
    ck_assert_uint_eq(reply.file_at + reply.length + reply.body_bytes, 25);
    reply_free(&reply);
    ck_assert_int_eq(reply.file, -1);
    ck_assert_int_eq(fcntl(file, F_GETFD), -1);
}
END_TEST

START_TEST(the_latest_type_is_the_one_that_counts)
{
    char type[200];
    reply_init(&reply);
    reply_copy(&reply, 200, NULL, "x", 1);
    for (unsigned i = 0; i < 3; i++) {
        memset(type, 'a' + (int)i, sizeof type);
        reply_copy_type(&reply, type,
                        i == 2 ? 10 : sizeof type); /* LeakSanitizer reports the others if they are not freed */
        ck_assert_uint_eq(strlen(reply.type), i == 2 ? 10 : sizeof type);
        ck_assert_mem_eq(reply.type, type, strlen(reply.type));
    }
    reply_free(&reply);
}
END_TEST

static void expect_out_of_memory(unsigned status, enum refusal refusal)
{
    expect(status, "application/json", "{\"error\":\"out of memory\"}", 25);
    ck_assert_int_eq(reply.refusal, refusal);
    reply_free(&reply);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

START_TEST(without_memory_it_says_so)
{
    reply_init(&reply);
    reply_copy(&reply, 200, TYPE_TEXT, "x", SIZE_MAX / 4);
    expect_out_of_memory(500, REFUSED_HANDLER_ERROR);
    reply_copy(&reply, 200, NULL, "a body", 6);
    reply_copy_type(&reply, "t", SIZE_MAX / 4);
    expect_out_of_memory(500, REFUSED_HANDLER_ERROR);

    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    json_set_alloc_funcs(no_memory, usual_free);
    reply_error(&reply, 503, REFUSED_QUEUE_FULL, "full");
    json_set_alloc_funcs(usual_malloc, usual_free);
    expect_out_of_memory(503, REFUSED_QUEUE_FULL);
}
END_TEST

/* Returns the error's sentence. */
static const char *error_of(void)
{
    static char sentence[1000];
    ck_assert_str_eq(reply.type, "application/json");
    json_t *object = json_loadb(reply.body, reply.body_bytes, 0, NULL);
    ck_assert_ptr_nonnull(object);
    ck_assert_uint_eq(json_object_size(object), 1);
    snprintf(sentence, sizeof sentence, "%s", json_string_value(json_object_get(object, "error")));
    json_decref(object);
    return sentence;
}

START_TEST(an_error_is_json_with_a_sentence)
{
    reply_init(&reply);
    reply_error(&reply, 503, REFUSED_QUEUE_FULL, "the queue of %s is \"full\"\n(%d)", "x", 5);
    ck_assert_uint_eq(reply.status, 503);
    ck_assert_int_eq(reply.refusal, REFUSED_QUEUE_FULL);
    ck_assert_str_eq(error_of(), "the queue of x is \"full\"\n(5)");
    reply_free(&reply);
}
END_TEST

START_TEST(an_error_is_cut_at_400_bytes_and_stays_json)
{
    char text[1000] = "";
    while (strlen(text) < 900)
        strcat(text, "\xe2\x82\xac"); /* 400 is not a multiple of three */
    reply_init(&reply);
    reply_error(&reply, 400, REFUSED_NOT, "%s", text);
    const char *sentence = error_of();
    ck_assert_uint_eq(strlen(sentence), 400);
    ck_assert(strncmp(sentence, text, 399) == 0);
    reply_error(&reply, 404, REFUSED_NOT, "no path %s", "/\xff");
    ck_assert_str_eq(error_of(), "no path /?");
    reply_free(&reply);
}
END_TEST

START_TEST(every_refusal_has_a_name_of_its_own)
{
    for (unsigned i = 0; i < REFUSAL_COUNT; i++) {
        ck_assert_ptr_nonnull(refusal_names[i]);
        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(refusal_names[i], refusal_names[j]);
    }
}
END_TEST

SUITE("reply", an_empty_one_has_no_status_and_no_body, a_copy_is_one_whatever_its_size,
      what_is_taken_is_freed_and_what_is_borrowed_is_not, what_is_not_malloc_s_is_freed_by_its_owner_s_function,
      a_type_is_copied_whatever_its_length, a_later_reply_has_nothing_of_an_earlier_one,
      a_file_is_closed_with_the_reply_that_has_it, the_latest_type_is_the_one_that_counts, without_memory_it_says_so,
      an_error_is_json_with_a_sentence, an_error_is_cut_at_400_bytes_and_stays_json,
      every_refusal_has_a_name_of_its_own)
