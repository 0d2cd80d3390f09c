#include "python/exchanges.h"

#include "assertions.h"

#include "python/tree.h"

struct asgi *exchanges_asgi;
struct asgi_exchange *exchange;
static struct inbox inbox;

static void post(void *owner, struct inbox_message *inbox_message)
{
    inbox_push(owner, inbox_message);
}

void exchanges_open(void)
{
    implementations_open();
    tree_python("import asyncio, sys\n"
                "loop = asyncio.new_event_loop()\n"
                "def run(awaitable):\n"
                "    async def call():\n"
                "        return await awaitable\n"
                "    return loop.run_until_complete(asyncio.wait_for(call(), 30))\n"
                "def turn():\n"
                "    loop.run_until_complete(asyncio.sleep(0))\n"
                "def ask(awaitable):\n" /* starts a task that awaits it */
                "    task = asyncio.ensure_future(awaitable, loop=loop)\n"
                "    turn()\n"
                "    return task\n"
                "def app(*arguments):\n"
                "    global scope, receive, send\n"
                "    scope, receive, send = arguments\n"
                "def body(*arguments, **more):\n"
                "    return {'type': 'http.response.body', **dict(zip(('body', 'more_body'), arguments)), **more}\n"
                "def start(status=200, *headers):\n"
                "    return {'type': 'http.response.start', 'status': status, 'headers': headers}\n"
                "def refused(event, error, text):\n"
                "    try:\n"
                "        send(event)\n"
                "    except error as raised:\n"
                "        assert text in str(raised), raised\n"
                "    else:\n"
                "        raise AssertionError(event)\n"
                "GONE = {'type': 'http.disconnect'}\n"
                "state = {}\n");
    exchanges_asgi =
        asgi_open(implementations_thread, app_global("app"), app_global("state"), app_global("loop"), post, &inbox);
    ck_assert_ptr_nonnull(exchanges_asgi);
}

void exchanges_close(void)
{
    exchanges_deliver();
    asgi_close(exchanges_asgi);
    tree_python("loop.close()\nscope = receive = send = None\n");
    implementations_close();
}

struct asgi_exchange *exchanges_begin(struct request *asked)
{
    struct asgi_exchange *begun;
    PyObject *nothing = asgi_call(exchanges_asgi, asked, 0, &begun);
    ck_assert_ptr_nonnull(nothing);
    Py_DECREF(nothing);
    return begun;
}

void exchanges_end(struct asgi_exchange *begun)
{
    asgi_done(begun);
    ck_assert_ptr_null(PyErr_Occurred());
    app_take_back(1);
}

void exchanges_deliver(void)
{
    inbox_deliver(&inbox);
}

void exchanges_open_for(const char *method)
{
    exchanges_open();
    request = app_request(method, "/", "");
    exchange = exchanges_begin(request);
}

void exchanges_close_ended(void)
{
    exchanges_end(exchange);
    exchanges_close();
}

void exchanges_expect_stream(const char *bytes, ssize_t expected_last)
{
    ssize_t last;
    ck_assert_str_eq(app_read_stream(request, &last), bytes);
    ck_assert_int_eq(last, expected_last);
}
