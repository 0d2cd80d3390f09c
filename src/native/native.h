/* The user's own C handler (--native), served at /native. include/tandem/handler.h is its ABI. */
#ifndef TANDEM_NATIVE_NATIVE_H
#define TANDEM_NATIVE_NATIVE_H

#include <tandem/handler.h>

#include "base/err.h"
#include "core/loop.h"
#include "core/workload.h"

/* The workload /native. native_use sets the variants that the handler has. */
extern struct workload native_workload;

/* MAIN thread, before any model starts. Loads the file and uses its handler. ERR_APP: the file has no handler that this
 * tandem can call. */
WARN_UNUSED enum err native_load(const char *file);

/* MAIN thread. Makes native_workload use this handler, which loader_check has accepted. */
void native_use(const struct tandem_handler *handler);

/* MAIN thread, no loop running yet. Runs the handler's setup. ERR_APP: the handler is not ready; the message names
 * file. */
WARN_UNUSED enum err native_setup(const char *file);

/* MAIN thread, after the last request, no loop running. Runs the handler's teardown. Handles that it has left open on
 * the loops are logged and closed: they would keep the loops from ending. */
void native_teardown(struct loop *const *loops, unsigned loop_count);

#endif
