/* The counters and gauges: one row each, from which /stats, /metrics and the table in docs/stats.md are made. To add
 * one, add a row to the table in statistics.c, and to the page: ./dev lint compares them.
 *
 * Histograms, bound_by, a model's own loop and what describes the server are not in the table: document.c, model_json.c
 * and metrics.c write them. */
#ifndef TANDEM_STATS_STATISTICS_H
#define TANDEM_STATS_STATISTICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/exposition.h"

/* What a statistic is about, and the struct that it is read from. */
enum statistics_scope {
    OF_PROCESS,  /* struct process_sum */
    OF_HTTP,     /* struct http_sum */
    OF_LOOP,     /* struct loop_sum */
    OF_GIL,      /* struct gil_stats */
    OF_MODEL,    /* struct model_figures */
    OF_WORKLOAD, /* struct series_sum: a workload in a model */
};

struct model_figures {
    uint64_t threads, in_flight, queue_length, queue_limit, requests, errors;
};

/* Adds the scope's members to an object of /stats. Unknown values are null. If memory runs out, *object becomes NULL.
 */
void statistics_add_json(json_t **object, enum statistics_scope scope, const void *of);

/* Returns the struct of subject number index, and writes its labels, such as loop="0"; the labels are empty if it has
 * none. */
typedef const void *statistics_subject(const void *owner, unsigned index, char *labels, size_t room);

/* Writes the scope's families for /metrics, each with the samples of all subjects. Leaves out unknown values. */
void statistics_write(struct exposition *out, enum statistics_scope scope, unsigned subjects,
                      statistics_subject *subject, const void *owner);

#endif
