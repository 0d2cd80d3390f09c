/* A server that never ran, as a source for the document: two loops, two models and three workloads, all at zero. Also
 * functions that read JSON. */
#ifndef TANDEM_TESTS_MADE_UP_H
#define TANDEM_TESTS_MADE_UP_H

#include <jansson.h>
#include <sched.h>

#include "config/config.h"
#include "stats/marks.h"
#include "stats/source.h"

enum { MADE_UP_LOOPS = 2, MADE_UP_MODELS = 2 };

struct made_up {
    struct config config;
    struct models models; /* "first" with 3 threads, "second" with none */
    struct routes routes;
    struct loop *loops[MADE_UP_LOOPS];
    struct marks marks;
    struct stats_source source; /* has no sliding window */
};

/* The workloads are "plain", "number" with n from 2 to 9 (default 5), and "choice", a POST with size s or l. */
enum { PLAIN, NUMBER, CHOICE };

extern struct made_up made_up;

void made_up_open(void);
void made_up_close(void);

struct series *made_up_series(unsigned loop, unsigned model, unsigned workload);

/* The GILs of three interpreters. All is known of the first; the holder is unknown for the second, the waits for the
 * last. */
extern struct gil_stats made_up_gils[3];
unsigned made_up_read_gils(struct gil_stats *out, unsigned max);

/* Restricts the calling thread, and threads that it makes, to one of its allowed cores. *before gets the cores allowed
 * so far. */
void stay_on_one_core(cpu_set_t *before);

/* Returns the value at a path such as "http.rejected.queue_full" or "loops.1.id". */
json_t *value_at(json_t *document, const char *path);

/* Expects exactly these keys in the object. keys: separated by spaces. */
void expect_keys(const json_t *object, const char *keys);

/* Expects this integer at the path. */
void expect_integer(json_t *document, const char *path, json_int_t expected);

/* Expects a real number from low to high at the path. */
void expect_real(json_t *document, const char *path, double low, double high);

#define EMPTY_KEYS      ""
#define BOTTLENECK_KEYS "verdict because figures"
#define HISTOGRAM_KEYS  "count sum min p50 p90 p99 p999 max"
#define PHASES_KEYS     "queue gil handler return write total"

/* Calls make repeatedly. Each time exactly one of jansson's allocations fails, the next one in each round, as a large
 * allocation may fail where smaller ones still succeed. make must return NULL, or a whole document with the same keys.
 * LeakSanitizer reports leaks. */
void expect_null_or_all_where_memory_runs_out(json_t *(*make)(void));

#endif
