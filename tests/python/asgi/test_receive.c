#include <string.h>

#include "core/inward.h"
#include "python/exchanges.h"
#include "python/tree.h"
#include "stream/request_streams.h"
#include "suite.h"

static void on_room(void *owner)
{
    (void)owner;
}

/* body: the part that came with the head. follows: the rest comes through request->body_writer. */
static void open_with(const char *body, bool follows)
{
    exchanges_open();
    request = app_request("POST", "/", "");
    ck_assert_int_eq(request_body_append(request, body, strlen(body)), ERR_OK);
    if (follows)
        ck_assert_int_eq(request_open_body(request, on_room, NULL), ERR_OK);
    exchange = exchanges_begin(request);
    tree_python("def piece(body, more=True):\n"
                "    return {'type': 'http.request', 'body': body, 'more_body': more}\n");
}

static void close_answered(void)
{
    tree_python("send(start(204))\nsend(body())\n");
    exchanges_close_ended();
}

static void put(const char *bytes)
{
    ck_assert(inward_put(request->body_writer, bytes, strlen(bytes)));
    exchanges_deliver();
}

START_TEST(a_body_that_is_there_is_one_event)
{
    open_with("a\xff", false);
    tree_python("assert run(receive()) == piece(b'a\\xff', False)\n");
    close_answered();
}
END_TEST

START_TEST(so_is_none_at_all)
{
    open_with("", false);
    tree_python("assert run(receive()) == piece(b'', False)\n");
    close_answered();
}
END_TEST

START_TEST(what_comes_later_are_events_of_their_own)
{
    open_with("first", true);
    tree_python("assert run(receive()) == piece(b'first')\nwaiting = ask(receive())\nassert not waiting.done()\n");
    put("second");
    tree_python("assert run(waiting) == piece(b'second')\n");
    put("third");
    put(" and fourth");
    tree_python("assert run(receive()) == piece(b'third and fourth')\nwaiting = ask(receive())\n");
    request_end_body(request, true);
    exchanges_deliver();
    tree_python("assert run(waiting) == piece(b'', False)\n");
    close_answered();
}
END_TEST

/* A piece of all that a pipe holds fits in one buffer, which is used again. A far larger buffer is not kept. */
START_TEST(the_memory_of_a_full_piece_is_kept_for_the_next)
{
    static const char long_piece[3 * PIPE_INWARD_BYTES];
    open_with("", true);
    inward_put(request->body_writer, long_piece, PIPE_INWARD_BYTES);
    tree_python("assert len(run(receive())['body']) == 384 * 1024\n");
    ck_assert_ptr_nonnull(exchanges_asgi->piece.bytes);
    inward_put(request->body_writer, long_piece, sizeof long_piece);
    tree_python("assert len(run(receive())['body']) == 3 * 384 * 1024\n");
    ck_assert_ptr_null(exchanges_asgi->piece.bytes);
    request_end_body(request, true);
    exchanges_deliver();
    close_answered();
}
END_TEST

START_TEST(nothing_of_the_body_is_waited_for_before_it_is_asked_for)
{
    open_with("", true);
    put("early");
    request_end_body(request, true);
    exchanges_deliver();
    tree_python("assert run(receive()) == piece(b'early')\nassert run(receive()) == piece(b'', False)\n");
    close_answered();
}
END_TEST

START_TEST(behind_the_body_it_waits_for_the_end_of_the_response)
{
    open_with("", false);
    tree_python("run(receive())\nfirst, second = ask(receive()), ask(receive())\nassert not first.done()\n");
    tree_python("send(start(204))\nassert not first.done()\nsend(body())\n");
    tree_python("assert run(first) == run(second) == run(receive()) == run(receive()) == GONE\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(a_body_that_breaks_off_is_a_client_that_has_left)
{
    open_with("first", true);
    tree_python("assert run(receive()) == piece(b'first')\nfirst, second = receive(), receive()\n");
    request_end_body(request, false);
    exchanges_deliver();
    tree_python("assert run(first) == run(second) == run(receive()) == GONE\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(a_request_that_was_given_up_is_a_client_that_has_left)
{
    open_with("whole", false);
    request_give_up(request);
    tree_python("assert run(receive()) == GONE\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(who_waits_learns_that_the_client_has_left)
{
    open_with("", false);
    tree_python("run(receive())\nwaiting = ask(receive())\n");
    asgi_look_for_disconnect(exchange);
    tree_python("turn()\nassert not waiting.done()\n");
    request_give_up(request);
    asgi_look_for_disconnect(exchange);
    tree_python("assert run(waiting) == GONE\n");
    exchanges_close_ended();
}
END_TEST

/* asyncio.wait_for and cancel scopes cancel the call that they wait for. Starlette's is_disconnected() does so each
 * time. */
START_TEST(a_wait_that_was_cancelled_is_not_the_next_one_s)
{
    open_with("", true);
    tree_python("async def poll():\n"
                "    try:\n"
                "        return await asyncio.wait_for(receive(), 0)\n"
                "    except asyncio.TimeoutError:\n"
                "        return None\n"
                "for _ in range(3):\n"
                "    assert loop.run_until_complete(poll()) is None\n"
                "waiting = ask(receive())\n"
                "assert not waiting.done()\n");
    put("piece");
    tree_python("assert run(waiting) == piece(b'piece')\n");
    close_answered();
}
END_TEST

START_TEST(what_comes_when_the_wait_was_cancelled_is_kept_for_the_next_one)
{
    open_with("", true);
    tree_python("ask(receive()).cancel()\nturn()\n");
    put("piece");
    tree_python("assert run(receive()) == piece(b'piece')\n");
    close_answered();
}
END_TEST

START_TEST(each_that_waits_gets_an_event_of_its_own)
{
    open_with("", true);
    tree_python("first, second, third = ask(receive()), ask(receive()), ask(receive())\n");
    put("one");
    tree_python("second.cancel()\nturn()\nturn()\nassert first.done() and not third.done()\n");
    put("two");
    tree_python("assert run(first) == piece(b'one') and run(third) == piece(b'two')\n");
    close_answered();
}
END_TEST

/* The event had come, but the Task that waited for it was cancelled before it went on. */
START_TEST(what_came_for_a_wait_that_is_cancelled_then_is_kept_too)
{
    open_with("", true);
    tree_python("first = ask(receive())\n");
    ck_assert(inward_put(request->body_writer, "one", 3));
    exchanges_deliver();
    tree_python("first.cancel()\nturn()\nassert first.cancelled()\n"
                "assert run(receive()) == piece(b'one')\n");
    close_answered();
}
END_TEST

/* Otherwise a poll in a loop, beside a task that listens, would pile up waiters. */
START_TEST(what_nobody_waits_for_any_more_is_forgotten)
{
    open_with("", false);
    tree_python("run(receive())\nlistener = ask(receive())\n"
                "for _ in range(100):\n"
                "    ask(receive()).cancel()\n"
                "    turn()\n");
    ck_assert_int_le(PyList_GET_SIZE(exchange->waiters), 2);
    tree_python("assert not listener.done()\n");
    close_answered();
}
END_TEST

START_TEST(events_are_the_app_s_own)
{
    open_with("", false);
    request_give_up(request);
    tree_python("event = run(receive())\nevent.clear()\nassert run(receive()) == GONE\n");
    exchanges_close_ended();
}
END_TEST

START_TEST(when_the_server_has_ended_it_raises)
{
    open_with("", false);
    tree_python("send(start(204))\nsend(body())\n");
    exchanges_end(exchange);
    asgi_close(exchanges_asgi);
    tree_python("try:\n"
                "    receive()\n"
                "except RuntimeError as error:\n"
                "    assert 'the server has ended' in str(error)\n"
                "else:\n"
                "    raise AssertionError\n"
                "scope = receive = send = None\n" /* the last references go with these */
                "loop.close()\n");
    implementations_close();
}
END_TEST

SUITE("receive", a_body_that_is_there_is_one_event, so_is_none_at_all, what_comes_later_are_events_of_their_own,
      the_memory_of_a_full_piece_is_kept_for_the_next, nothing_of_the_body_is_waited_for_before_it_is_asked_for,
      behind_the_body_it_waits_for_the_end_of_the_response, a_body_that_breaks_off_is_a_client_that_has_left,
      a_request_that_was_given_up_is_a_client_that_has_left, who_waits_learns_that_the_client_has_left,
      a_wait_that_was_cancelled_is_not_the_next_one_s, what_comes_when_the_wait_was_cancelled_is_kept_for_the_next_one,
      each_that_waits_gets_an_event_of_its_own, what_came_for_a_wait_that_is_cancelled_then_is_kept_too,
      what_nobody_waits_for_any_more_is_forgotten, events_are_the_app_s_own, when_the_server_has_ended_it_raises)
