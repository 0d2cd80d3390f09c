/* Loads the file of --native: finds the handler in it, and refuses a file without a valid one. */
#ifndef TANDEM_NATIVE_LOADER_H
#define TANDEM_NATIVE_LOADER_H

#include <tandem/handler.h>

#include "base/err.h"

/* MAIN thread. Loads the file and sets *out to its handler. The file stays loaded until the process ends: libuv may
 * still call into it when the loops are freed. ERR_APP: it cannot be loaded, or has no valid handler. */
WARN_UNUSED enum err loader_open(const char *file, const struct tandem_handler **out);

/* Checks that this tandem can call the handler. ERR_APP: it cannot; the message names file. */
WARN_UNUSED enum err loader_check(const char *file, const struct tandem_handler *handler);

#endif
