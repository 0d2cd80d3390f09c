#include "python/asgi/exchange.h"

#include <string.h>

#include "captured_log.h"
#include "core/inward.h"
#include "core/reply_fields.h"
#include "core/stream.h"
#include "python/exchanges.h"
#include "python/tree.h"
#include "stream/request_streams.h"
#include "suite.h"

static void raise_error(const char *text)
{
    PyErr_SetString(PyExc_ValueError, text);
}

/* Ends the call. Returns the log's lines. */
static const char *end_and_log(void)
{
    captured_log_begin();
    exchanges_end(exchange);
    return captured_log_end();
}

static void expect_500(const char *reason)
{
    const char *log = end_and_log();
    variants_expect_failure(request);
    ck_assert_msg(strstr(log, " in test-model failed: ") && strstr(log, reason), "%s", log);
}

static void expect_last(ssize_t expected)
{
    ssize_t last;
    (void)app_read_stream(request, &last);
    ck_assert_int_eq(last, expected);
}

START_TEST(a_call_that_raises_is_a_500)
{
    exchanges_open_for("GET");
    raise_error("by the app");
    expect_500("ValueError: by the app");
    exchanges_close();
}
END_TEST

START_TEST(so_is_one_that_raises_behind_its_start)
{
    exchanges_open_for("GET");
    tree_python("send(start(200, (b'x-a', b'1')))\n");
    raise_error("by the app");
    expect_500("ValueError: by the app");
    ck_assert_ptr_null(reply_fields_value(&request->reply.fields, "x-a"));
    exchanges_close();
}
END_TEST

START_TEST(so_is_one_that_ends_without_a_response)
{
    exchanges_open_for("GET");
    tree_python("send(start())\n");
    expect_500("RuntimeError: the app returned before its response was whole");
    exchanges_close();
}
END_TEST

START_TEST(what_is_raised_behind_the_response_is_for_the_log)
{
    exchanges_open_for("GET");
    tree_python("send(start())\nsend(body(b'whole'))\n");
    raise_error("afterwards");
    const char *log = end_and_log();
    ck_assert_msg(strstr(log, "app: ValueError: afterwards") != NULL, "%s", log);
    ck_assert_uint_eq(request->reply.status, 200);
    ck_assert_mem_eq(request->reply.body, "whole", 5);
    exchanges_close();
}
END_TEST

START_TEST(a_call_that_ends_in_the_middle_of_its_stream_breaks_it_off)
{
    exchanges_open_for("GET");
    tree_python("send(start())\nsend(body(b'first', True))\n");
    const char *log = end_and_log();
    ck_assert_msg(strstr(log, "the app returned before its response was whole") != NULL, "%s", log);
    expect_last(STREAM_BROKEN);
    exchanges_close();
}
END_TEST

/* No client is left to get the answer, and the app is not at fault. */
START_TEST(what_is_raised_when_the_client_has_left_is_no_failure)
{
    exchanges_open_for("GET");
    request_give_up(request);
    asgi_look_for_disconnect(exchange);
    raise_error("for lack of a client");
    ck_assert_str_eq(end_and_log(), "");
    exchanges_close();
}
END_TEST

START_TEST(a_client_that_leaves_a_stream_is_told_to_all_that_wait)
{
    exchanges_open_for("GET");
    tree_python("run(receive())\nsend(start())\n"
                "senders = [ask(send(body(b'x' * 100000, True))) for _ in range(2)]\n"
                "listeners = [ask(receive()) for _ in range(2)]\n");
    reply_free(&request->reply); /* as when the connection has ended */
    tree_python("turn()\nassert not any(future.done() for future in senders + listeners)\n");
    exchanges_deliver();
    tree_python("assert [run(future) for future in senders + listeners] == [None, None, GONE, GONE]\n");
    ck_assert_str_eq(end_and_log(), "");
    exchanges_close();
}
END_TEST

/* A Future that never gets a result would keep its task for ever, and the task would keep the exchange. */
START_TEST(the_end_of_the_call_lets_everybody_go)
{
    exchanges_open_for("GET");
    tree_python("run(receive())\nsend(start())\n"
                "async def sender():\n"
                "    await send(body(b'x' * 100000, True))\n"
                "async def listener():\n"
                "    return await receive()\n"
                "tasks = [loop.create_task(sender()), loop.create_task(listener())]\n"
                "turn()\n");
    (void)end_and_log();
    tree_python("assert [run(task) for task in tasks] == [None, GONE]\n"
                "try:\n"
                "    send(body(b''))\n"
                "except RuntimeError as error:\n"
                "    assert 'complete already' in str(error)\n"
                "else:\n"
                "    raise AssertionError\n"
                "assert run(receive()) == GONE\n"
                "scope = receive = send = tasks = None\n");
    ck_assert_uint_eq(exchanges_asgi->exchanges, 0);
    exchanges_close();
}
END_TEST

START_TEST(so_does_the_end_of_the_response)
{
    exchanges_open_for("GET");
    tree_python(
        "send(start())\nwaiting = send(body(b'x' * 100000, True))\nsend(body())\nassert run(waiting) is None\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(a_message_that_is_under_way_when_the_call_ends_is_no_loss)
{
    exchanges_open_for("GET");
    tree_python("send(start())\nsend(body(b'x' * 100000, True))\n");
    expect_last(STREAM_NOTHING_YET); /* there is room: a message is posted */
    ck_assert(atomic_load(&exchange->message_posted));
    tree_python("send(body())\nscope = receive = send = None\n");
    exchanges_end(exchange);
    ck_assert_uint_eq(exchanges_asgi->exchanges, 1);
    exchanges_deliver();
    ck_assert_uint_eq(exchanges_asgi->exchanges, 0);
    exchanges_close();
}
END_TEST

static void on_room(void *owner)
{
    (void)owner;
}

/* The body comes in and the response goes out. Both pipes post the same inbox message. */
START_TEST(both_ways_at_once)
{
    exchanges_open();
    request = app_request("POST", "/", "");
    ck_assert_int_eq(request_open_body(request, on_room, NULL), ERR_OK);
    exchange = exchanges_begin(request);
    tree_python("send(start())\nwaiting, listener = send(body(b'x' * 100000, True)), receive()\n");
    ck_assert(inward_put(request->body_writer, "piece", 5));
    expect_last(STREAM_NOTHING_YET);
    exchanges_deliver();
    tree_python("assert run(waiting) is None and run(listener)['body'] == b'piece'\nlistener = receive()\n");
    ck_assert(inward_put(request->body_writer, "piece", 5));
    tree_python("send(body())\nassert run(listener) == GONE\nscope = receive = send = waiting = listener = None\n");
    exchanges_end(exchange);
    exchanges_deliver();
    ck_assert_uint_eq(exchanges_asgi->exchanges, 0);
    request_end_body(request, true);
    exchanges_close();
}
END_TEST

/* The app keeps receive and send after the server has ended. */
START_TEST(an_exchange_may_outlive_the_server)
{
    exchanges_open_for("GET");
    tree_python("send(start(204))\nsend(body())\n");
    exchanges_end(exchange);
    asgi_close(exchanges_asgi);
    tree_python("for call in (receive, lambda: send(body())):\n"
                "    try:\n"
                "        call()\n"
                "    except RuntimeError as error:\n"
                "        assert 'the server has ended' in str(error)\n"
                "    else:\n"
                "        raise AssertionError\n"
                "scope = receive = send = call = None\n"
                "loop.close()\n");
    implementations_close();
}
END_TEST

START_TEST(a_call_that_never_begins_is_a_500)
{
    exchanges_open();
    request = app_request("GET", "/%zz", ""); /* a target that the router would refuse */
    PyObject *coroutine = asgi_call(exchanges_asgi, request, 0, &exchange);
    ck_assert_ptr_null(coroutine);
    ck_assert_ptr_nonnull(exchange);
    expect_500("ValueError: the path cannot be decoded");
    tree_python("def app(*arguments):\n    raise KeyError('at once')\n");
    Py_SETREF(exchanges_asgi->app, Py_NewRef(app_global("app")));
    request = app_request("GET", "/", "");
    ck_assert_ptr_null(asgi_call(exchanges_asgi, request, 0, &exchange));
    expect_500("KeyError: 'at once'");
    ck_assert_uint_eq(exchanges_asgi->exchanges, 0);
    exchanges_close();
}
END_TEST

/* gil_ns is the time that the thread has waited for the GIL since the request began. */
START_TEST(a_request_that_goes_back_has_its_timestamps)
{
    exchanges_open();
    counter_add(&implementations_thread->account.wait_ns, 100);
    request = app_request("GET", "/", "");
    PyObject *nothing = asgi_call(exchanges_asgi, request, 40, &exchange);
    Py_XDECREF(nothing);
    tree_python("send(start())\nsend(body())\n");
    ck_assert_uint_eq(request->gil_ns, 60);
    ck_assert_uint_gt(request->finished_ns, 0);
    exchanges_close_ended();
}
END_TEST

/* An app that keeps what the expression keep makes of its methods. */
static void open_keeping_app(void)
{
    exchanges_open();
    tree_python("import weakref\n"
                "kept, seen = [], []\n"
                "def app(scope, receive, send):\n"
                "    seen.append((id(receive), id(send)))\n"
                "    if keep:\n"
                "        kept.append(keep(receive, send))\n"
                "    send(start())\n"
                "    send(body(b'x'))\n");
    Py_SETREF(exchanges_asgi->app, Py_NewRef(app_global("app")));
}

static void call_keeping_app(const char *keep)
{
    app_show("keep", app_value(keep));
    request = app_request("GET", "/", "");
    exchange = exchanges_begin(request);
    app_expect_reply(request, 200, "x", "");
    exchanges_end(exchange);
    ck_assert_uint_eq(exchanges_asgi->exchanges, 0);
}

START_TEST(what_the_app_does_not_keep_serves_the_next_call)
{
    open_keeping_app();
    for (unsigned i = 0; i < 3; i++)
        call_keeping_app("None");
    ck_assert_uint_eq(exchanges_asgi->spare_count, 1);
    tree_python("assert seen[0] == seen[1] == seen[2], seen\n");
    exchanges_close();
}
END_TEST

/* Python's collector knows the methods of a spare exchange, so an app can find and call them. */
START_TEST(the_methods_of_a_spare_exchange_raise)
{
    open_keeping_app();
    call_keeping_app("None");
    tree_python(
        "import gc, types\n"
        "spare = [method for method in gc.get_objects() if type(method) is types.BuiltinFunctionType\n"
        "         and type(method.__self__).__name__ == 'Exchange' and method.__name__ in ('receive', 'send')]\n"
        "assert [method.__name__ for method in spare] == ['receive', 'send'], spare\n"
        "for call in (lambda: spare[0](), lambda: spare[1](body())):\n"
        "    try:\n"
        "        call()\n"
        "    except RuntimeError as error:\n"
        "        assert str(error).endswith(': the request is over'), error\n"
        "    else:\n"
        "        raise AssertionError\n"
        "del spare, call\n");
    exchanges_close();
}
END_TEST

START_TEST(what_the_app_keeps_stays_its_own)
{
    static const char *const keeps[] = {"lambda receive, send: receive", "lambda receive, send: send",
                                        "lambda receive, send: weakref.ref(receive)",
                                        "lambda receive, send: weakref.ref(send)"};
    open_keeping_app();
    for (unsigned i = 0; i < sizeof keeps / sizeof keeps[0]; i++) {
        app_show("keep", app_value(keeps[i]));
        request = app_request("GET", "/", "");
        exchange = exchanges_begin(request);
        exchanges_end(exchange);
        ck_assert_uint_eq(exchanges_asgi->spare_count, 0);
    }
    tree_python("assert run(kept[0]()) == GONE\n"
                "assert kept[2]() is kept[3]() is None\n"
                "try:\n"
                "    kept[1](body())\n"
                "except RuntimeError as error:\n"
                "    assert 'complete already' in str(error), error\n"
                "else:\n"
                "    raise AssertionError\n"
                "kept.clear()\n");
    exchanges_close();
}
END_TEST

SUITE("exchange", a_call_that_raises_is_a_500, so_is_one_that_raises_behind_its_start,
      so_is_one_that_ends_without_a_response, what_is_raised_behind_the_response_is_for_the_log,
      a_call_that_ends_in_the_middle_of_its_stream_breaks_it_off, what_is_raised_when_the_client_has_left_is_no_failure,
      a_client_that_leaves_a_stream_is_told_to_all_that_wait, the_end_of_the_call_lets_everybody_go,
      so_does_the_end_of_the_response, a_message_that_is_under_way_when_the_call_ends_is_no_loss, both_ways_at_once,
      an_exchange_may_outlive_the_server, a_call_that_never_begins_is_a_500,
      a_request_that_goes_back_has_its_timestamps, what_the_app_does_not_keep_serves_the_next_call,
      the_methods_of_a_spare_exchange_raise, what_the_app_keeps_stays_its_own)
