#include "core/request.h"

#include <sched.h>
#include <string.h>

#include "base/clock.h"
#include "captured_log.h"
#include "core/rig.h"
#include "suite.h"

static void *freed_state;

static void free_state(void *state)
{
    ck_assert_ptr_null(freed_state);
    freed_state = state;
}

START_TEST(a_fresh_one_is_empty_also_where_its_memory_is_used_again)
{
    rig_open();
    struct request *first = rig_request();
    memset(first->params, 1, sizeof first->params);
    first->client = first;
    first->content_type = "a/b";
    first->body_announced = 7;
    first->gil_ns = first->received_ns = first->submitted_ns = first->started_ns = first->finished_ns = 1;
    first->state = first;
    first->free_state = free_state;
    ck_assert_int_eq(request_body_append(first, "body", 4), ERR_OK);
    reply_copy(&first->reply, 200, TYPE_TEXT, "x", 1);
    request_give_up(first);
    request_free(first);
    ck_assert_ptr_eq(freed_state, first);

    struct request *second = request_new(rig_loop, 100);
    ck_assert_ptr_eq(second, first);
    ck_assert_ptr_eq(second->loop, rig_loop);
    ck_assert_ptr_null(second->client);
    ck_assert_ptr_null(second->content_type);
    ck_assert_ptr_null(second->body);
    ck_assert_ptr_null(second->state);
    ck_assert_ptr_null(second->model);
    ck_assert_uint_eq(second->body_bytes + second->body_capacity + second->body_announced, 0);
    ck_assert_uint_eq(second->gil_ns + second->received_ns + second->submitted_ns + second->started_ns, 0);
    ck_assert_uint_eq(second->finished_ns, 0);
    ck_assert_uint_eq(second->reply.status, 0);
    ck_assert_int_eq(second->params[0] | second->params[1], 0);
    ck_assert(!request_given_up(second));
    request_free(second);
    rig_close();
}
END_TEST

START_TEST(there_is_room_for_a_head_of_any_size)
{
    static const size_t sizes[] = {0, 1, REQUEST_HEAD_INLINE, REQUEST_HEAD_INLINE + 1, 1 << 20};
    rig_open();
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct request *request = request_new(rig_loop, sizes[i]);
        memset(request->head, 'x', sizes[i]);
        request_free(request);
    }
    rig_close();
}
END_TEST

START_TEST(its_fields_are_read_one_by_one)
{
    static const char head[] = "GET / HTTP/1.1\r\nA: 1\r\nb-C:\t two words \t\r\nEmpty:\r\nD:x:y\0 \r\n\r\nE: no\r\n";
    static const char *const expected[][2] = {{"A", "1"}, {"b-C", "two words"}, {"Empty", ""}, {"D", "x:y"}};
    rig_open();
    struct request *request = request_new(rig_loop, sizeof head - 1);
    memcpy(request->head, head, sizeof head - 1);
    size_t at = request->fields_at = strlen("GET / HTTP/1.1\r\n");
    struct field field;
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        ck_assert(request_next_field(request, &at, &field));
        ck_assert_uint_eq(field.name_bytes, strlen(expected[i][0]));
        ck_assert_mem_eq(field.name, expected[i][0], field.name_bytes);
        ck_assert_uint_eq(field.value_bytes, strlen(expected[i][1]));
        ck_assert_mem_eq(field.value, expected[i][1], field.value_bytes);
    }
    ck_assert(!request_next_field(request, &at, &field));
    request_free(request);
    rig_close();
}
END_TEST

static void append_in_pieces(struct request *request, size_t pieces, size_t piece_bytes)
{
    char piece[1000];
    for (size_t i = 0; i < pieces; i++) {
        memset(piece, (char)i, sizeof piece);
        ck_assert_int_eq(request_body_append(request, piece, piece_bytes), ERR_OK);
    }
    ck_assert_uint_eq(request->body_bytes, pieces * piece_bytes);
    for (size_t i = 0; i < request->body_bytes; i++)
        ck_assert_int_eq(request->body[i], (char)(i / piece_bytes));
}

START_TEST(a_body_grows_with_what_comes)
{
    rig_open();
    struct request *request = rig_request();
    append_in_pieces(request, 300, 777);
    request_free(request);

    request = rig_request();
    ck_assert_int_eq(request_body_reserve(request, 50000), ERR_OK);
    append_in_pieces(request, 50, 1000);
    ck_assert_uint_eq(request->body_capacity, 50000); /* the buffer grew only once */
    request_free(request);
    rig_close();
}
END_TEST

START_TEST(a_body_of_which_nothing_comes_stays_empty)
{
    rig_open();
    struct request *request = rig_request();
    ck_assert_int_eq(request_body_append(request, "", 0), ERR_OK);
    ck_assert_uint_eq(request->body_bytes, 0);
    request_free(request);
    rig_close();
}
END_TEST

START_TEST(without_memory_there_is_no_request_and_a_body_is_what_it_was)
{
    rig_open();
    ck_assert_ptr_null(request_new(rig_loop, SIZE_MAX / 4));
    struct request *request = rig_request();
    ck_assert_ptr_eq(request->head, request->head_inline);
    ck_assert_int_eq(request_body_reserve(request, SIZE_MAX / 4), ERR_NOMEM);
    ck_assert_uint_eq(request->body_bytes, 0);
    ck_assert_int_eq(request_body_append(request, "body", 4), ERR_OK);
    ck_assert_int_eq(request_body_append(request, "body", SIZE_MAX / 4), ERR_NOMEM);
    ck_assert_uint_eq(request->body_bytes, 4);
    ck_assert_mem_eq(request->body, "body", 4);
    request_free(request);
    rig_close();
}
END_TEST

static struct request *pending[100];

static void done_on_the_loop(void)
{
    for (unsigned i = 0; i < 3; i++) {
        request_done(pending[i]);
        ck_assert_uint_eq(rig_returned_count, i + 1); /* at once, not through the inbox */
    }
}

START_TEST(done_on_its_own_loop_it_is_back_at_once)
{
    rig_open();
    for (unsigned i = 0; i < 3; i++)
        pending[i] = rig_request();
    rig_run(done_on_the_loop, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_ptr_eq(rig_returned[i], pending[i]);
    rig_close();
}
END_TEST

static void done_elsewhere(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < 100; i++)
        request_done(pending[i]);
}

START_TEST(done_on_another_thread_it_comes_back_in_its_order)
{
    uv_thread_t thread;
    rig_open();
    for (unsigned i = 0; i < 100; i++)
        pending[i] = rig_request();
    ck_assert_int_eq(uv_thread_create(&thread, done_elsewhere, NULL), 0);
    rig_run(NULL, 100);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_ptr_eq(rig_returned[i], pending[i]);
    rig_close();
}
END_TEST

START_TEST(the_moment_it_was_finished_is_kept_where_the_model_knew_it)
{
    rig_open();
    for (unsigned i = 0; i < 3; i++)
        pending[i] = rig_request();
    pending[0]->finished_ns = 12345;
    uint64_t before_ns = clock_ns();
    rig_run(done_on_the_loop, 3);
    ck_assert_uint_eq(rig_returned[0]->finished_ns, 12345);
    ck_assert_uint_ge(rig_returned[1]->finished_ns, before_ns);
    ck_assert_uint_le(rig_returned[1]->finished_ns, clock_ns());
    rig_close();
}
END_TEST

START_TEST(given_up_it_has_no_client)
{
    rig_open();
    struct request *request = rig_request();
    request->client = request;
    ck_assert(!request_given_up(request));
    request_give_up(request);
    ck_assert(request_given_up(request));
    ck_assert_ptr_null(request->client);
    request_free(request);
    rig_close();
}
END_TEST

static void wait_until_given_up(void *request)
{
    while (!request_given_up(request))
        sched_yield();
}

START_TEST(a_model_s_thread_sees_that_it_is_given_up)
{
    uv_thread_t thread;
    rig_open();
    struct request *request = rig_request();
    ck_assert_int_eq(uv_thread_create(&thread, wait_until_given_up, request), 0);
    request_give_up(request);
    ck_assert_int_eq(uv_thread_join(&thread), 0);
    request_free(request);
    rig_close();
}
END_TEST

START_TEST(the_log_says_why_it_failed_and_the_client_is_not_told)
{
    rig_open();
    struct request *request = rig_request();
    captured_log_begin();
    request_fail(request, "secret %d", 42);
    const char *log = captured_log_end();
    ck_assert_ptr_nonnull(strstr(log, "ERROR GET /rig in rig failed: secret 42\n"));
    ck_assert_uint_eq(request->reply.status, 500);
    ck_assert_int_eq(request->reply.refusal, REFUSED_HANDLER_ERROR);
    ck_assert_ptr_null(memmem(request->reply.body, request->reply.body_bytes, "secret", 6));
    request_free(request);
    rig_close();
}
END_TEST

START_TEST(a_list_gives_back_what_came_first)
{
    struct request requests[5];
    struct request_list list = {0}, other = {0};
    ck_assert_ptr_null(request_list_pop(&list));
    request_list_append(&list, &other);
    ck_assert_uint_eq(list.count, 0);
    for (unsigned i = 0; i < 2; i++)
        request_list_push(&list, &requests[i]);
    for (unsigned i = 2; i < 5; i++)
        request_list_push(&other, &requests[i]);
    request_list_append(&list, &other);
    ck_assert_uint_eq(list.count, 5);
    ck_assert_uint_eq(other.count, 0);
    ck_assert_ptr_null(request_list_pop(&other));
    for (unsigned i = 0; i < 5; i++)
        ck_assert_ptr_eq(request_list_pop(&list), &requests[i]);
    ck_assert_ptr_null(request_list_pop(&list));
    request_list_push(&other, &requests[3]);
    request_list_append(&list, &other); /* onto a list that has become empty */
    request_list_push(&list, &requests[4]);
    request_list_push(&other, &requests[0]);
    for (unsigned i = 3; i < 5; i++)
        ck_assert_ptr_eq(request_list_pop(&list), &requests[i]);
    ck_assert_ptr_null(request_list_pop(&list));
    ck_assert_ptr_eq(request_list_pop(&other), &requests[0]);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

SUITE("request", a_fresh_one_is_empty_also_where_its_memory_is_used_again, there_is_room_for_a_head_of_any_size,
      its_fields_are_read_one_by_one, a_body_grows_with_what_comes, a_body_of_which_nothing_comes_stays_empty,
      without_memory_there_is_no_request_and_a_body_is_what_it_was, done_on_its_own_loop_it_is_back_at_once,
      done_on_another_thread_it_comes_back_in_its_order, the_moment_it_was_finished_is_kept_where_the_model_knew_it,
      given_up_it_has_no_client, a_model_s_thread_sees_that_it_is_given_up,
      the_log_says_why_it_failed_and_the_client_is_not_told, a_list_gives_back_what_came_first)
