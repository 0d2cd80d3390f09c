/* Bytes that an app writes itself, with the callable that start_response returns. */
#include "python/wsgi/response.h"

#include <string.h>

#include "captured_log.h"
#include "core/stream.h"
#include "python/responses.h"
#include "python/tree.h"
#include "suite.h"

START_TEST(what_is_written_goes_out_at_once)
{
    responses_open("GET");
    tree_python("write = start('200 OK', [])\nassert write(b'') is None\n");
    ck_assert_ptr_eq(response->request, request);
    tree_python("assert write(b'a') is write(b'b') is None\n");
    responses_expect_stream("ab", STREAM_NOTHING_YET);
    wsgi_response_end(response, true);
    app_take_back(1);
    responses_close();
}
END_TEST

START_TEST(on_the_loop_it_goes_before_the_pieces)
{
    responses_open_on_loop();
    tree_python("write = start('200 OK', [('Content-Length', '6')])\nwrite(b'ab')\nwrite(b'cd')\n");
    ck_assert(response->begun);
    ck_assert(responses_send("[b'ef']"));
    app_expect_reply(request, 200, "abcdef", "");
    responses_close();
}
END_TEST

START_TEST(on_the_loop_it_may_be_all)
{
    responses_open_on_loop();
    tree_python("write = start('200 OK', [])\nwrite(b'ab')\n");
    ck_assert(responses_send("[]"));
    app_expect_reply(request, 200, "ab", "");
    responses_close();
}
END_TEST

START_TEST(to_head_what_is_written_counts)
{
    responses_open("HEAD");
    tree_python("write = start('200 OK', [])\nwrite(b'ab')\nwrite(b'cd')\n");
    ck_assert(responses_send("[b'e']"));
    app_expect_reply(request, 200, "", "");
    ck_assert_uint_eq(request->reply.length, 5);
    responses_close();
}
END_TEST

START_TEST(only_bytes_are_written)
{
    responses_open("GET");
    tree_python("write = start('200 OK', [])\n"
                "for wrong in ('a', bytearray(b'a'), None, 1):\n"
                "    try:\n"
                "        write(wrong)\n"
                "    except TypeError as error:\n"
                "        assert f'write: bytes are written, not {type(wrong).__name__}' in str(error), error\n"
                "    else:\n"
                "        raise AssertionError(wrong)\n");
    ck_assert_ptr_eq(response->request, request);
    responses_close();
}
END_TEST

/* The pipe is full, so the app's thread waits in write() when the app returns. */
static void return_while_it_writes(void)
{
    responses_open("GET");
    tree_python("import threading, time\n"
                "write = start('200 OK', [])\n"
                "def write_on():\n"
                "    global raised\n"
                "    try:\n"
                "        while True:\n"
                "            write(b'x' * 100000)\n"
                "    except (ConnectionResetError, RuntimeError) as error:\n"
                "        raised = error\n"
                "writer = threading.Thread(target=write_on)\n"
                "writer.start()\n");
    while (!response->pushing || response->sent_bytes == 0)
        tree_python("time.sleep(0)\n");
    captured_log_begin();
    wsgi_response_end(response, true);
    const char *log = captured_log_end();
    ck_assert_msg(strstr(log, "RuntimeError: the app returned while a thread of its own was in write()"), "%s", log);
    app_take_back(1);
}

START_TEST(a_thread_of_the_app_that_still_writes_breaks_the_answer_off)
{
    ssize_t last;
    return_while_it_writes();
    (void)app_read_stream(request, &last);
    tree_python("writer.join()\nassert 'write: the request is over' in str(raised), raised\n");
    (void)app_read_stream(request, &last);
    ck_assert_int_eq(last, STREAM_BROKEN);
    responses_close();
}
END_TEST

START_TEST(a_client_that_leaves_then_is_no_danger)
{
    return_while_it_writes();
    reply_free(&request->reply); /* as when the connection has ended */
    tree_python("writer.join()\nassert 'the client has left' in str(raised), raised\n");
    responses_close();
}
END_TEST

SUITE("call_write", what_is_written_goes_out_at_once, on_the_loop_it_goes_before_the_pieces, on_the_loop_it_may_be_all,
      to_head_what_is_written_counts, only_bytes_are_written,
      a_thread_of_the_app_that_still_writes_breaks_the_answer_off, a_client_that_leaves_then_is_no_danger)
