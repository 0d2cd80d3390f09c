/* The user's own C handler (--native): what /native serves, in its forms. The ABI is include/tandem/handler.h. */
#ifndef TANDEM_NATIVE_NATIVE_H
#define TANDEM_NATIVE_NATIVE_H

#include <tandem/handler.h>

#include "base/err.h"
#include "core/loop.h"
#include "core/workload.h"

/* /native. native_use gives it the forms that the handler has. */
extern struct workload native_workload;

/* MAIN thread, no model yet. Loads the file. ERR_APP: it has no handler that this tandem can call. */
WARN_UNUSED enum err native_load(const char *file);

/* MAIN thread. The handler, which loader_check has passed, serves native_workload from now on. */
void native_use(const struct tandem_handler *handler);

/* MAIN thread, no loop running yet. The handler makes itself ready. ERR_APP: it does not, file is what its sentence
 * begins with. */
WARN_UNUSED enum err native_setup(const char *file);

/* MAIN thread, behind the last request, no loop running. The handler's teardown; what it has left open on the loops is
 * told to the log, and closed, for they would never end. */
void native_teardown(struct loop *const *loops, unsigned loop_count);

#endif
