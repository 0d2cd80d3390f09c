/* Mounts: the user's own code, served beside tandem's workloads. They are APP and the handler of --native. Decides
 * which models can run them and which of them serves /, and loads them. MAIN thread, all functions. */
#ifndef TANDEM_SERVER_MOUNTS_H
#define TANDEM_SERVER_MOUNTS_H

#include "base/err.h"
#include "config/config.h"
#include "core/model.h"
#include "core/routes.h"
#include "core/workload.h"

/* Call before anything is loaded. ERR_INVALID: APP is given but no model runs Python, or --native but no model runs C.
 */
WARN_UNUSED enum err mounts_check(const struct config *config, const struct models *models);

/* Writes the workloads of the mounts that the user gave to out. Returns their number. */
unsigned mounts_list(const struct config *config, const struct workload *out[MOUNTS_MAX]);

/* Writes the mounts that the user did not give to out, which is all zeros. */
void mounts_list_absent(const struct config *config, struct absent_mount out[MOUNTS_MAX + 1]);

/* Returns the mount that also serves /, if exactly one model runs; NULL: none. After mounts_check, one model can have
 * at most one mount. */
const struct workload *mounts_root(const struct config *config, const struct models *models);

/* Python started. Imports APP, if there is one. ERR_APP: APP cannot be loaded. ERR_INVALID: no model runs its kind of
 * app, WSGI or ASGI. ERR_NOMEM. */
WARN_UNUSED enum err mounts_load_app(const struct config *config, const struct models *models);

/* Returns the prefix of tandem's own pages on --port: as --pages says, or else MOUNTS_PAGES_PREFIX if a mount serves /,
 * and
 * "" if none does. NULL: there are no pages. */
#define MOUNTS_PAGES_PREFIX "/_tandem"
const char *mounts_pages_prefix(const struct config *config, const struct models *models);

/* --native given, no loop running. Loads the handler and runs its setup. On success the caller owes native_teardown.
 * ERR_APP: the handler cannot be loaded, or its setup failed. ERR_INVALID: no model calls the functions that it has. */
WARN_UNUSED enum err mounts_load_native(const struct config *config, const struct models *models);

#endif
