/* A histogram in the document: {"count","sum","min","p50","p90","p99","p999","max"}, times in seconds. */
#ifndef TANDEM_STATS_HISTOGRAM_JSON_H
#define TANDEM_STATS_HISTOGRAM_JSON_H

#include <jansson.h>

#include "base/histogram_sum.h"

/* Returns owned; NULL: out of memory. */
json_t *histogram_json(const struct histogram_sum *sum);

#endif
