#include "python/responses.h"

#include "assertions.h"

#include "core/model.h"
#include "python/tree.h"
#include "python/wsgi/start_response.h"

struct wsgi_response *response;
static PyObject *type;
static struct wsgi_response *spare;

void responses_open(const char *method)
{
    implementations_open();
    type = wsgi_response_type();
    ck_assert_ptr_nonnull(type);
    request = app_request(method, "/", "");
    response = wsgi_response_open(&spare, type, wsgi_start_response, implementations_thread, request, 0);
    app_show("start", Py_NewRef((PyObject *)response));
}

void responses_open_on_loop(void)
{
    static const struct model_ops ops = {.name = "on-loop", .on_loop = true};
    variants_model.ops = &ops;
    responses_open("GET");
}

void responses_close(void)
{
    wsgi_response_close(response, &spare);
    ck_assert_ptr_null(spare); /* the tests' module keeps start_response */
    tree_python("start = write = None\n");
    Py_CLEAR(type);
    implementations_close();
}

bool responses_send(const char *expression)
{
    PyObject *list = app_value(expression);
    bool good = wsgi_response_send(response, PySequence_Fast_ITEMS(list), PyList_GET_SIZE(list));
    ck_assert_int_eq(good, !PyErr_Occurred());
    Py_DECREF(list);
    return good;
}

bool responses_push(const char *expression)
{
    PyObject *piece = app_value(expression);
    bool good = wsgi_response_push(response, piece);
    ck_assert_int_eq(good, !PyErr_Occurred());
    Py_DECREF(piece);
    return good;
}

void responses_expect_stream(const char *bytes, ssize_t expected_last)
{
    ssize_t last;
    ck_assert_str_eq(app_read_stream(request, &last), bytes);
    ck_assert_int_eq(last, expected_last);
}
