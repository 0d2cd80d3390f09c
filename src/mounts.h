/* The user's own, beside tandem's workloads: APP and the handler of --native. Which models run them, where they are,
 * and how they are loaded. MAIN thread, all of it. */
#ifndef TANDEM_MOUNTS_H
#define TANDEM_MOUNTS_H

#include "base/err.h"
#include "core/config.h"
#include "core/model.h"
#include "core/workload.h"

enum { MOUNTS_MAX = 2 };

/* Before anything is loaded: whether the models could run them at all. ERR_INVALID. */
WARN_UNUSED enum err mounts_check(const struct config *config, const struct models *models);

/* Writes those that the user gave, and returns how many. */
unsigned mounts_list(const struct config *config, const struct workload *out[MOUNTS_MAX]);

/* The one that serves /: where one model runs, which runs one of them. NULL: none. */
const struct workload *mounts_root(const struct config *config, const struct models *models);

/* Python started. Imports APP, if there is one. ERR_APP: it would not load; ERR_INVALID: no model runs what it is. */
WARN_UNUSED enum err mounts_load_app(const struct config *config, const struct models *models);

/* Loads the handler, and has it make itself ready: native_teardown is due then. Errors as before. */
WARN_UNUSED enum err mounts_load_native(const struct config *config, const struct models *models);

#endif
