#include "python/app_calls.h"

#include "assertions.h"
#include <stdlib.h>
#include <string.h>

#include "core/reply_fields.h"
#include "core/stream.h"
#include "python/interp/error.h"

struct request *app_request(const char *method, const char *target, const char *fields)
{
    struct request *request = variants_request(0, 0);
    size_t method_bytes = strlen(method) + 1, target_bytes = strlen(target) + 1, fields_bytes = strlen(fields);
    request->head_bytes = method_bytes + target_bytes + fields_bytes + 2;
    request->head = malloc(request->head_bytes);
    ck_assert_ptr_nonnull(request->head);
    request->method = memcpy(request->head, method, method_bytes);
    request->target = memcpy(request->head + method_bytes, target, target_bytes);
    request->fields_at = method_bytes + target_bytes;
    memcpy(request->head + request->fields_at, fields, fields_bytes);
    memcpy(request->head + request->fields_at + fields_bytes, "\r\n", 2);
    request->minor_version = 1;
    request->peer = (struct address){"192.0.2.7", 40000};
    request->local = (struct address){"127.0.0.1", 8080};
    return request;
}

void app_show(const char *name, PyObject *object)
{
    ck_assert_msg(object != NULL, "%s is not there", name);
    ck_assert_int_eq(PyModule_AddObjectRef(PyImport_AddModule("__main__"), name, object), 0);
    Py_DECREF(object);
}

PyObject *app_global(const char *name)
{
    return PyDict_GetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), name);
}

PyObject *app_value(const char *expression)
{
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *value = PyRun_String(expression, Py_eval_input, globals, globals);
    ck_assert_msg(value != NULL, "this raised: %s", expression);
    return value;
}

static void do_nothing(void)
{
}

void app_take_back(unsigned count)
{
    variants_run(do_nothing, count);
}

void app_expect_reply(const struct request *request, unsigned status, const char *body, const char *fields)
{
    const struct reply *reply = &request->reply;
    ck_assert_uint_eq(reply->status, status);
    ck_assert_uint_eq(reply->body_bytes, strlen(body));
    ck_assert_mem_eq(reply->body, body, strlen(body));
    ck_assert_str_eq(reply_fields_text(&reply->fields), fields);
}

const char *app_read_stream(const struct request *request, ssize_t *last)
{
    static char out[512 * 1024];
    size_t put = 0;
    struct stream *stream = request->reply.stream;
    ck_assert_ptr_nonnull(stream);
    while ((*last = stream->ops->next(stream, out + put, sizeof out - put - 1)) > 0)
        put += (size_t)*last;
    out[put] = '\0';
    return out;
}

void app_expect_raised(const char *text)
{
    ck_assert_msg(PyErr_Occurred() != NULL, "no exception, but expected: %s", text);
    char *summary = error_take_summary();
    ck_assert_msg(strstr(summary, text) != NULL, "%s, and not %s", summary, text);
    free(summary);
}
