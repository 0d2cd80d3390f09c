#include "python/workers/event_loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/own_fds.h"
#include "python/workers/event_loop_thread.h"

static void run(void *argument)
{
    struct event_loop_state *self = argument;
    self->python = python_thread_new();
    if (!self->python) {
        strcpy(self->failure, "out of memory");
        uv_sem_post(&self->started);
        return;
    }
    CHECK(pthread_getcpuclockid(pthread_self(), &self->model->own_loop.cpu_clock) == 0);
    self->model->own_loop.started_ns = clock_ns();
    python_enter(self->python);
    event_loop_thread_serve(self);
    python_leave(self->python);
    python_thread_end(self->python);
}

static void dismiss(struct event_loop_state *self)
{
    atomic_store(&self->model->own_loop.implementation, NULL);
    queue_free(&self->queue);
    uv_sem_destroy(&self->started);
    if (self->event_fd >= 0)
        own_fds_close(self->event_fd);
    free(self);
}

static enum err start_thread(struct event_loop_state *self)
{
    int status = uv_thread_create(&self->thread, run, self);
    if (status)
        return err_fail(ERR_SYSTEM, "cannot start py-asyncio's thread: %s", uv_strerror(status));
    uv_sem_wait(&self->started);
    if (!self->failure[0])
        return ERR_OK;
    CHECK(uv_thread_join(&self->thread) == 0);
    if (self->app_failed)
        return err_fail(ERR_APP, "APP: %s cannot start: %s", self->model->config->app, self->failure);
    return err_fail(ERR_PYTHON, "--asyncio-loop %s: %s", asyncio_choices[self->model->config->asyncio_loop],
                    self->failure);
}

enum err event_loop_start(struct model *model)
{
    struct event_loop_state *self = calloc(1, sizeof *self);
    if (!self)
        return err_fail(ERR_NOMEM, "out of memory for %s", model->ops->name);
    self->model = model;
    enum err err = queue_init(&self->queue, model);
    if (err) {
        free(self);
        return err;
    }
    CHECK(uv_sem_init(&self->started, 0) == 0);
    self->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->event_fd < 0)
        err = err_fail(ERR_SYSTEM, "cannot make an eventfd for %s: %s", model->ops->name, strerror(errno));
    if (!err) {
        own_fds_add(self->event_fd);
        err = start_thread(self);
    }
    if (err) {
        dismiss(self);
        return err;
    }
    model->threads = 1;
    model->own = self;
    return ERR_OK;
}

enum err event_loop_submit(struct model *model, struct request *request)
{
    struct event_loop_state *self = model->own;
    return queue_submit(&self->queue, request);
}

void event_loop_flush(struct model *model, struct loop *loop)
{
    struct event_loop_state *self = model->own;
    if (queue_batch_empty(&self->queue, loop))
        return;
    uv_mutex_lock(&self->queue.lock);
    queue_flush_locked(&self->queue, loop);
    uv_mutex_unlock(&self->queue.lock);
    event_loop_thread_wake(self);
}

void event_loop_look_at_clients(struct model *model, struct request *request)
{
    (void)request;
    struct event_loop_state *self = model->own;
    atomic_store(&self->clients_left, true);
    event_loop_thread_wake(self);
}

void event_loop_stop(struct model *model)
{
    struct event_loop_state *self = model->own;
    atomic_store(&self->closed, true);
    event_loop_thread_wake(self);
    CHECK(uv_thread_join(&self->thread) == 0);
    dismiss(self);
}
