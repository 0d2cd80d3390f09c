/* A workload as JSON: for the page / and for --workloads. */
#ifndef TANDEM_PAGES_WORKLOAD_JSON_H
#define TANDEM_PAGES_WORKLOAD_JSON_H

#include <jansson.h>

#include "core/workload.h"

/* Returns {"method", "parameters"}. parameters has for each name its "default", and "min" and "max" or "one_of". ANY
 * thread. A new reference; NULL where memory ran out. */
json_t *workload_json_new(const struct workload *workload);

#endif
