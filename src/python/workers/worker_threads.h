/* Worker threads: the threads of a model that calls blocking Python handlers, and the hand-off that feeds them
 * (dispatch/handoff.h).
 *
 * Each worker makes its thread state once and keeps it, in the main interpreter or in a subinterpreter of its own. A
 * woken worker takes the GIL once and keeps it, but for handlers that release it, until there is no more work. */
#ifndef TANDEM_PYTHON_WORKERS_WORKER_THREADS_H
#define TANDEM_PYTHON_WORKERS_WORKER_THREADS_H

#include "core/model.h"

enum worker_threads_kind {
    THREADS_OF_MAIN,            /* all workers in the main interpreter, under its GIL */
    THREADS_OF_SUBINTERPRETERS, /* each worker in a subinterpreter of its own, with its own GIL */
};

/* The functions of model_ops, on their threads; model->own is the struct worker_threads. */
WARN_UNUSED enum err worker_threads_start(struct model *model, enum worker_threads_kind kind);
WARN_UNUSED enum err worker_threads_submit(struct model *model, struct request *request);
void worker_threads_flush(struct model *model, struct loop *loop);
void worker_threads_stop(struct model *model);

#endif
