#include "python/app/borrowed_bytes.h"

#include <stdlib.h>

#include "base/list.h"
#include "core/model.h"

enum { RETURNED_MAX_BYTES = 1024 * 1024 };

struct borrowed_bytes {
    struct inbox_message returned;
    struct python_thread *thread;
    PyObject *bytes;
};

/* The thread, the GIL held. */
static void release(struct inbox_message *message)
{
    struct borrowed_bytes *borrowed = CONTAINER_OF(message, struct borrowed_bytes, returned);
    Py_DECREF(borrowed->bytes);
    free(borrowed);
}

/* LOOP, with or without the GIL: only queues the bytes for borrowed_bytes_let_go. */
static void take_back(void *owned)
{
    struct borrowed_bytes *borrowed = owned;
    struct python_thread *thread = borrowed->thread;
    size_t length = (size_t)PyBytes_GET_SIZE(borrowed->bytes);
    inbox_push(&thread->returned, &borrowed->returned); /* the thread may release the bytes at once */
    size_t before = atomic_fetch_add_explicit(&thread->returned_bytes, length, memory_order_relaxed);
    if (thread->wake && before + length > RETURNED_MAX_BYTES)
        thread->wake(thread->owner);
}

void borrowed_bytes_put(struct python_thread *thread, struct request *request, unsigned status, PyObject *bytes)
{
    struct reply *reply = &request->reply;
    const char *text = PyBytes_AS_STRING(bytes);
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    bool borrows = (request->model->ops->on_loop || thread->wake) && length > sizeof reply->small;
    struct borrowed_bytes *borrowed = borrows ? malloc(sizeof *borrowed) : NULL;
    if (!borrowed) {
        reply_copy(reply, status, NULL, text, length);
        return;
    }
    *borrowed = (struct borrowed_bytes){.returned.deliver = release, .thread = thread, .bytes = Py_NewRef(bytes)};
    reply_take_with(reply, status, NULL, text, length, take_back, borrowed);
}

bool borrowed_bytes_is_due(struct python_thread *thread)
{
    return atomic_load_explicit(&thread->returned_bytes, memory_order_relaxed) > RETURNED_MAX_BYTES;
}

void borrowed_bytes_let_go(struct python_thread *thread)
{
    atomic_store_explicit(&thread->returned_bytes, 0, memory_order_relaxed);
    inbox_deliver(&thread->returned);
}
