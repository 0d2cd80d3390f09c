#include "python/wsgi_calls.h"

#include "assertions.h"
#include <string.h>

#include "captured_log.h"
#include "core/model.h"
#include "python/tree.h"
#include "python/wsgi/call.h"

const char *wsgi_calls_log;

void wsgi_calls_open(void)
{
    implementations_open();
    tree_copy("tandem/wsgi.py");
    tree_python("import io, os, sys, tempfile\n"
                "closed = 0\n"
                "class Result:\n"
                "    def __init__(self, *pieces):\n"
                "        self.pieces = iter(pieces)\n"
                "    def __iter__(self):\n"
                "        return self\n"
                "    def __next__(self):\n"
                "        piece = next(self.pieces)\n"
                "        if isinstance(piece, BaseException):\n"
                "            raise piece\n"
                "        return piece() if callable(piece) else piece\n"
                "    def close(self):\n"
                "        global closed\n"
                "        closed += 1\n"
                "class List(Result, list):\n" /* a list subclass that must be iterated, not read as a list */
                "    pass\n"
                "def app(environ, start):\n"
                "    global write, wrap\n"
                "    wrap = environ['wsgi.file_wrapper']\n"
                "    if headers is not None:\n"
                "        write = start('200 OK', headers)\n"
                "    return call(environ) if callable(call) else call\n");
    implementations_thread->interpreter->app = Py_NewRef(app_global("app"));
}

void wsgi_calls_close(void)
{
    Py_CLEAR(implementations_thread->interpreter->app);
    tree_python("write = call = None\n");
    implementations_close();
}

void wsgi_calls_on_loop(void)
{
    static const struct model_ops ops = {.name = "on-loop", .on_loop = true};
    variants_model.ops = &ops;
}

bool wsgi_calls_call(const char *method, const char *headers, const char *result)
{
    app_show("headers", app_value(headers));
    app_show("call", app_value(result));
    request = app_request(method, "/", "");
    ck_assert_int_eq(request_body_append(request, "body", 4), ERR_OK);
    captured_log_begin();
    bool kept = wsgi_call(implementations_thread, request, 0);
    wsgi_calls_log = captured_log_end();
    ck_assert_ptr_null(PyErr_Occurred());
    if (!kept)
        app_take_back(1);
    return kept;
}

void wsgi_calls_expect_whole(const char *headers, const char *result, const char *body)
{
    ck_assert_msg(wsgi_calls_call("GET", headers, result), "%s", result);
    app_expect_reply(request, 200, body, "");
    ck_assert_str_eq(wsgi_calls_log, "");
}

void wsgi_calls_expect_stream(const char *headers, const char *result, const char *body, ssize_t expected_last)
{
    ssize_t last;
    (void)wsgi_calls_call("GET", headers, result);
    ck_assert_uint_eq(request->reply.status, 200);
    ck_assert_str_eq(app_read_stream(request, &last), body);
    ck_assert_int_eq(last, expected_last);
}

void wsgi_calls_expect_failure(const char *headers, const char *result, const char *reason)
{
    ck_assert_msg(wsgi_calls_call("GET", headers, result), "%s", result);
    variants_expect_failure(request);
    ck_assert_msg(strstr(wsgi_calls_log, reason) != NULL, "%s: %s", result, wsgi_calls_log);
}

void wsgi_calls_expect_closed(unsigned times)
{
    app_show("times", PyLong_FromLong(times));
    tree_python("assert closed == times, closed\nclosed = 0\n");
}
