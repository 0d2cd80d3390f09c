#include "python/wsgi/borrowed_bytes.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "core/model.h"

enum { RETURNED_MAX_BYTES = 1024 * 1024 };

struct borrowed_bytes {
    SLIST_ENTRY(borrowed_bytes) link; /* in the thread's list of returned ones */
    struct python_thread *thread;
    PyObject *bytes;
};

/* The thread, with or without the GIL: only queues the bytes for borrowed_bytes_let_go. */
static void take_back(void *owned)
{
    struct borrowed_bytes *borrowed = owned;
    struct python_thread *thread = borrowed->thread;
    SLIST_INSERT_HEAD(&thread->returned, borrowed, link);
    thread->returned_bytes += (size_t)PyBytes_GET_SIZE(borrowed->bytes);
}

void borrowed_bytes_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes)
{
    struct reply *reply = &request->reply;
    const char *text = PyBytes_AS_STRING(bytes);
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    bool borrows = request->model->ops->on_loop && length > sizeof reply->small;
    struct borrowed_bytes *borrowed = borrows ? malloc(sizeof *borrowed) : NULL;
    if (!borrowed) {
        reply_copy(reply, status, NULL, text, length);
        return;
    }
    *borrowed = (struct borrowed_bytes){.thread = thread, .bytes = Py_NewRef(bytes)};
    reply_take_with(reply, status, NULL, text, length, take_back, borrowed);
}

bool borrowed_bytes_is_due(const struct python_thread *thread)
{
    return thread->returned_bytes > RETURNED_MAX_BYTES;
}

void borrowed_bytes_let_go(struct python_thread *thread)
{
    thread->returned_bytes = 0;
    while (!SLIST_EMPTY(&thread->returned)) {
        struct borrowed_bytes *borrowed = SLIST_FIRST(&thread->returned);
        SLIST_REMOVE_HEAD(&thread->returned, link);
        Py_DECREF(borrowed->bytes);
        free(borrowed);
    }
}
