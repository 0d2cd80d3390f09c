#include "python/body.h"

#include <stdlib.h>

#include "core/model.h"

struct lent_body {
    struct lent_body *next; /* among those that have come back */
    struct python_thread *thread;
    PyObject *bytes;
};

/* The thread, which may hold the GIL or not. */
static void take_back(void *owned)
{
    struct lent_body *lent = owned;
    lent->next = lent->thread->returned;
    lent->thread->returned = lent;
}

void body_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes)
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

void body_let_go(struct python_thread *thread)
{
    while (thread->returned) {
        struct lent_body *lent = thread->returned;
        thread->returned = lent->next;
        Py_DECREF(lent->bytes);
        free(lent);
    }
}
