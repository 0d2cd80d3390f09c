#include "python/inputs.h"

#include "assertions.h"
#include <string.h>

#include "core/inward.h"
#include "python/tree.h"
#include "python/wsgi/input.h"
#include "stream/request_streams.h"

static PyObject *type, *spare;
static Py_ssize_t references;

static void open_request(const char *body)
{
    implementations_open();
    type = wsgi_input_type();
    ck_assert_ptr_nonnull(type);
    references = Py_REFCNT(type);
    request = app_request("POST", "/", "");
    ck_assert_int_eq(request_body_append(request, body, strlen(body)), ERR_OK);
}

void inputs_close(void)
{
    tree_python("del input\n");
    ck_assert_int_eq(Py_REFCNT(type), references); /* no input is left */
    Py_CLEAR(type);
    implementations_close();
}

void inputs_show(void)
{
    app_show("input", wsgi_input_open(&spare, type, request));
}

void inputs_open(const char *body)
{
    open_request(body);
    inputs_show();
}

static void on_room(void *owner)
{
    (void)owner;
}

void inputs_open_inward(const char *head)
{
    open_request(head);
    ck_assert_int_eq(request_open_body(request, on_room, NULL), ERR_OK);
    inputs_show();
}

void inputs_put(const char *bytes)
{
    ck_assert(inward_put(request->body_writer, bytes, strlen(bytes)));
}
