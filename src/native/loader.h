/* The file of --native: finds the handler in it, and refuses what is none. */
#ifndef TANDEM_NATIVE_LOADER_H
#define TANDEM_NATIVE_LOADER_H

#include <tandem/handler.h>

#include "base/err.h"

/* MAIN thread. The handler of the file, which stays loaded until the process ends: libuv may still call into it when
 * the loops are freed. ERR_APP. */
WARN_UNUSED enum err loader_open(const char *file, const struct tandem_handler **out);

/* Whether it is a handler that this tandem can call. ERR_APP: file is what the sentence calls it. */
WARN_UNUSED enum err loader_check(const char *file, const struct tandem_handler *handler);

#endif
