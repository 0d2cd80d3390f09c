/* The models and the workloads of this binary as JSON, for programs: tests, the bench, containers. ANY thread. */
#ifndef TANDEM_SERVER_CATALOG_H
#define TANDEM_SERVER_CATALOG_H

#include <stdio.h>

#include "base/err.h"

/* --models: a list of {"name", "summary", "language", "variant", "needs_python", "on_loop"}. language: "C" or "Python";
 * variant: "blocking" or "evented"; on_loop: true if handlers run on the server's event loops. ERR_SYSTEM: out
 * cannot be written. ERR_NOMEM. */
WARN_UNUSED enum err catalog_print_models(FILE *out);

/* --workloads: a list of what pages/workload_json.h describes, each with a "name". Errors as above. */
WARN_UNUSED enum err catalog_print_workloads(FILE *out);

#endif
