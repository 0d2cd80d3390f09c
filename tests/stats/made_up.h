/* A server that never ran, for the document to be made of: two loops, two models and three workloads, all at zero. And
 * what reads JSON. */
#ifndef TANDEM_TESTS_MADE_UP_H
#define TANDEM_TESTS_MADE_UP_H

#include <jansson.h>
#include <sched.h>

#include "core/config.h"
#include "stats/marks.h"
#include "stats/source.h"

enum { MADE_UP_LOOPS = 2, MADE_UP_MODELS = 2 };

struct made_up {
    struct config config;
    struct models models; /* "first" with 3 threads, "second" with none */
    struct site site;
    struct loop *loops[MADE_UP_LOOPS];
    struct marks marks;
    struct stats_source source; /* nobody samples its last seconds */
};

/* Its workloads are "plain", "number" with n from 2 to 9 and 5 if not given, and "choice", a POST, with size s or l. */
enum { PLAIN, NUMBER, CHOICE };

extern struct made_up made_up;

void made_up_open(void);
void made_up_close(void);

struct series *made_up_series(unsigned loop, unsigned model, unsigned workload);

/* Three interpreters' GILs: of one all is known, of another not who holds it, of the last not the waits. */
extern struct gil_stats made_up_gils[3];
unsigned made_up_read_gils(struct gil_stats *out, unsigned max);

/* Keeps the calling thread, and those that it makes, to one of the cores that it may use; before: these. */
void stay_on_one_core(cpu_set_t *before);

/* The value at a path such as "http.rejected.queue_full" or "loops.1.id". */
json_t *value_at(json_t *document, const char *path);

/* The object has these keys, separated by spaces, and no other. */
void expect_keys(const json_t *object, const char *keys);

/* There is an integer at the path, and it is this one. */
void expect_integer(json_t *document, const char *path, json_int_t expected);

/* There is a real number at the path, from low to high. */
void expect_real(json_t *document, const char *path, double low, double high);

#define EMPTY_KEYS     ""
#define BOUND_KEYS     "verdict because figures"
#define HISTOGRAM_KEYS "count sum min p50 p90 p99 p999 max"
#define PHASES_KEYS    "queue gil handler return write total"

/* Calls make again and again, each time with another one of jansson's allocations failing, as a large one may where
 * smaller ones still succeed. Each time it returns NULL or the whole, which has the same keys; and nothing is leaked
 * (LeakSanitizer says). */
void expect_null_or_all_where_memory_runs_out(json_t *(*make)(void));

#endif
