#include "http/io_thread/io_threads.h"

#include "base/check.h"
#include "core/model.h"
#include "http/io_thread/io_thread.h"

static void on_closed(struct io_thread *io_thread)
{
    struct io_threads *io_threads = io_thread->owner;
    listener_on_closed(io_threads->listener);
}

static void on_drained(struct io_thread *io_thread)
{
    uv_stop(&io_thread->loop->uv);
}

static const struct io_thread_events events = {on_closed, on_drained};

enum err io_threads_new(struct io_threads *io_threads, struct listener *listener, const struct routes *routes,
                        struct loop **loops, unsigned count)
{
    CHECK(count >= 1 && count <= LOOPS_MAX);
    *io_threads = (struct io_threads){.listener = listener};
    for (; io_threads->count < count; io_threads->count++) {
        enum err err =
            io_thread_new(loops[io_threads->count], routes, &events, io_threads, &io_threads->list[io_threads->count]);
        if (err) {
            io_threads_free(io_threads);
            return err;
        }
    }
    return ERR_OK;
}

/* The calling thread becomes the loop's thread until the I/O thread has drained. Then the models give up what they keep
 * for this thread. */
static void run(void *argument)
{
    struct io_thread *io_thread = argument;
    struct models *models = io_thread->routes->models;
    loop_run(io_thread->loop);
    for (unsigned i = 0; i < models->count; i++)
        if (models->list[i].ops->leave)
            models->list[i].ops->leave(&models->list[i], io_thread->loop);
}

static void join(struct io_threads *io_threads, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        CHECK(uv_thread_join(&io_threads->threads[i]) == 0);
}

enum err io_threads_start(struct io_threads *io_threads)
{
    for (unsigned i = 1; i < io_threads->count; i++) {
        int status = uv_thread_create(&io_threads->threads[i], run, io_threads->list[i]);
        if (!status)
            continue;
        for (unsigned started = 1; started < i; started++)
            accept_queue_ask_drain(io_threads->list[started]);
        join(io_threads, i);
        return err_fail(ERR_SYSTEM, "--loops %u: cannot start the thread of loop %u: %s", io_threads->count, i,
                        uv_strerror(status));
    }
    return ERR_OK;
}

void io_threads_run(struct io_threads *io_threads)
{
    run(io_threads->list[0]);
    join(io_threads, io_threads->count);
}

void io_threads_free(struct io_threads *io_threads)
{
    while (io_threads->count > 0)
        io_thread_free(io_threads->list[--io_threads->count]);
}
