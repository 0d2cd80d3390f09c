/* /metrics: a snapshot in Prometheus's text format 0.0.4. docs/stats.md lists the families. */
#ifndef TANDEM_STATS_METRICS_H
#define TANDEM_STATS_METRICS_H

#include <stddef.h>

#include "stats/source.h"

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/* ANY thread. Returns the text as of now, owned; NULL: out of memory. */
char *metrics_text(const struct stats_source *source, size_t *length);

#endif
