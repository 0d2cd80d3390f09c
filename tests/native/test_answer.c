#include <string.h>

#include "core/reply_fields.h"
#include "native/call.h"
#include "native/called.h"
#include "suite.h"

static const char hidden[] = "{\"error\":\"the handler failed; the server's log says why\"}";

static void expect_body(const char *body)
{
    ck_assert_uint_eq(called_request->reply.body_bytes, strlen(body));
    ck_assert_mem_eq(called_request->reply.body, body, strlen(body));
}

/* Ends the call. Expects a 500 that does not show its reason, which the log must have, and only one line that says so.
 */
static void expect_failure(struct tandem_request *call, const char *reason)
{
    static const char failed[] = "PUT / in rig failed: ";
    const char *log = called_end(call);
    ck_assert_msg(strstr(log, reason) != NULL, "%s", log);
    const char *first = strstr(log, failed);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + strlen(failed), failed));
    ck_assert_uint_eq(called_request->reply.status, 500);
    ck_assert_int_eq(called_request->reply.refusal, REFUSED_HANDLER_ERROR);
    ck_assert_uint_eq(called_request->reply.fields.lines.length, 0);
    expect_body(hidden);
    called_close();
}

static struct tandem_request *ask(void)
{
    return called("/", 0, "", "");
}

START_TEST(what_was_said_is_the_answer)
{
    struct tandem_request *call = ask();
    tandem_add_field(call, "X-One", "1");
    tandem_set_body(call, "first", 5);
    tandem_add_field(call, "X-Two", "zwei\tund \xe9");
    tandem_set_status(call, 418);
    ck_assert_str_eq(called_end(call), "");
    ck_assert_uint_eq(called_request->reply.status, 418);
    ck_assert_int_eq(called_request->reply.refusal, REFUSED_NOT);
    ck_assert_str_eq(reply_fields_value(&called_request->reply.fields, "X-One"), "1");
    ck_assert_str_eq(reply_fields_value(&called_request->reply.fields, "X-Two"), "zwei und \xe9");
    expect_body("first");
    called_close();
}
END_TEST

START_TEST(the_last_status_and_the_last_body_count)
{
    char text[] = "second";
    struct tandem_request *call = ask();
    tandem_set_status(call, 200);
    tandem_set_status(call, 404);
    tandem_set_body(call, "first", 5);
    tandem_set_body(call, text, 6);
    memset(text, '-', sizeof text);
    called_end(call);
    ck_assert_uint_eq(called_request->reply.status, 404);
    expect_body("second");
    called_close();
}
END_TEST

START_TEST(an_answer_has_a_status)
{
    struct tandem_request *call = ask();
    tandem_set_body(call, "body", 4);
    tandem_add_field(call, "X", "y");
    expect_failure(call, "the handler has set no status (tandem_set_status)");
}
END_TEST

START_TEST(a_status_is_from_200_to_599)
{
    static const unsigned wrong[] = {0, 1, 99, 100, 101, 199, 600, 4294967295U}, right[] = {200, 599};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct tandem_request *call = ask();
        tandem_set_status(call, 200);
        tandem_set_status(call, wrong[i]);
        tandem_set_status(call, 200);
        expect_failure(call, "is not from 200 to 599");
    }
    for (unsigned i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct tandem_request *call = ask();
        tandem_set_status(call, right[i]);
        called_end(call);
        ck_assert_uint_eq(called_request->reply.status, right[i]);
        called_close();
    }
}
END_TEST

static void expect_field_refused(const char *name, const char *value, const char *reason)
{
    struct tandem_request *call = ask();
    tandem_set_status(call, 200);
    tandem_add_field(call, name, value);
    expect_failure(call, reason);
}

START_TEST(a_field_has_a_name_and_a_value_that_can_be_sent)
{
    expect_field_refused("", "x", "the handler's header field '' has a forbidden byte");
    expect_field_refused("a b", "x", "header field 'a b' has a forbidden byte");
    expect_field_refused("a\r\nb:", "x", "header field 'a??b:' has a forbidden byte");
    expect_field_refused("X-Y", "a\r\nSet-Cookie: b", "header field 'X-Y' has a forbidden byte");
    expect_field_refused("X-Y", "\x7f", "header field 'X-Y' has a forbidden byte");
    char longer[5000];
    memset(longer, ' ', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    expect_field_refused(longer, "x", "has a forbidden byte, in its name or its value");
}
END_TEST

START_TEST(what_the_server_says_of_the_connection_is_its_own)
{
    static const char *const names[] = {"content-length", "Connection", "Transfer-Encoding", "Keep-Alive", "UPGRADE"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        expect_field_refused(names[i], "x", "is the server's to say");
}
END_TEST

START_TEST(an_answer_that_has_no_body_is_given_none)
{
    static const unsigned bare[] = {204, 304};
    for (unsigned i = 0; i < 2; i++) {
        struct tandem_request *call = ask();
        tandem_set_status(call, bare[i]);
        tandem_set_body(call, "", 0);
        called_end(call);
        ck_assert_uint_eq(called_request->reply.status, bare[i]);
        called_close();
        call = ask();
        tandem_set_body(call, "x", 1);
        tandem_set_status(call, bare[i]);
        expect_failure(call, "has no body, and the handler gave it one");
    }
}
END_TEST

static unsigned released;

static void release(void *context)
{
    ck_assert_ptr_eq(context, &released);
    released++;
}

START_TEST(a_body_that_was_taken_is_released_once)
{
    struct tandem_request *call = ask();
    released = 0;
    tandem_set_status(call, 200);
    tandem_take_body(call, "taken", 5, release, &released);
    called_end(call);
    ck_assert_uint_eq(released, 0);
    expect_body("taken");
    called_close();
    ck_assert_uint_eq(released, 1);

    call = ask();
    tandem_set_status(call, 200);
    tandem_take_body(call, "taken", 5, release, &released);
    tandem_take_body(call, "other", 5, NULL, NULL); /* replaces the previous body */
    ck_assert_uint_eq(released, 2);
    called_end(call);
    expect_body("other");
    called_close();
    ck_assert_uint_eq(released, 2);
}
END_TEST

START_TEST(a_body_of_a_failure_is_released_at_once)
{
    released = 0;
    struct tandem_request *call = ask();
    tandem_take_body(call, "taken", 5, release, &released);
    tandem_fail(call, "no %s", "answer");
    ck_assert_uint_eq(released, 1);
    tandem_take_body(call, "taken", 5, release, &released);
    ck_assert_uint_eq(released, 2);
    tandem_set_body(call, "ignored", 7);
    tandem_set_status(call, 200);
    tandem_add_field(call, "X", "\n");
    expect_failure(call, "no answer");
    ck_assert_uint_eq(released, 2);
}
END_TEST

START_TEST(the_first_failure_is_the_one_that_is_told)
{
    struct tandem_request *call = ask();
    tandem_fail(call, "%s", "the first");
    tandem_fail(call, "%s", "the second");
    expect_failure(call, "the first");
}
END_TEST

START_TEST(what_runs_is_not_done_but_returns)
{
    struct tandem_request *call = ask();
    tandem_set_status(call, 200);
    tandem_done(call);
    expect_failure(call, "the handler called tandem_done in run, whose return is the end");
}
END_TEST

SUITE("answer", what_was_said_is_the_answer, the_last_status_and_the_last_body_count, an_answer_has_a_status,
      a_status_is_from_200_to_599, a_field_has_a_name_and_a_value_that_can_be_sent,
      what_the_server_says_of_the_connection_is_its_own, an_answer_that_has_no_body_is_given_none,
      a_body_that_was_taken_is_released_once, a_body_of_a_failure_is_released_at_once,
      the_first_failure_is_the_one_that_is_told, what_runs_is_not_done_but_returns)
