#include "python/lent_body.h"

#include <stdlib.h>

#include "core/model.h"

enum { RETURNED_MAX_BYTES = 1024 * 1024 };

struct lent_body {
    struct lent_body *next; /* among those that have come back */
    struct python_thread *thread;
    PyObject *bytes;
};

/* The thread, which may hold the GIL or not. */
static void take_back(void *owned)
{
    struct lent_body *lent = owned;
    struct python_thread *thread = lent->thread;
    lent->next = thread->returned;
    thread->returned = lent;
    thread->returned_bytes += (size_t)PyBytes_GET_SIZE(lent->bytes);
}

void lent_body_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes)
{
    struct reply *reply = &request->reply;
    const char *text = PyBytes_AS_STRING(bytes);
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    bool lends = request->model->ops->on_loop && length > sizeof reply->small;
    struct lent_body *lent = lends ? malloc(sizeof *lent) : NULL;
    if (!lent) {
        reply_copy(reply, status, NULL, text, length);
        return;
    }
    *lent = (struct lent_body){.thread = thread, .bytes = Py_NewRef(bytes)};
    reply_take_with(reply, status, NULL, text, length, take_back, lent);
}

bool lent_body_is_due(const struct python_thread *thread)
{
    return thread->returned_bytes > RETURNED_MAX_BYTES;
}

void lent_body_let_go(struct python_thread *thread)
{
    thread->returned_bytes = 0;
    while (thread->returned) {
        struct lent_body *lent = thread->returned;
        thread->returned = lent->next;
        Py_DECREF(lent->bytes);
        free(lent);
    }
}
