/* A workload: the work that a request asks for, in up to four variants. The two C variants are here; the two Python
 * variants are in pysrc/tandem/workloads/NAME.py.
 *
 * The parameters are declared here once, checked by the router once, and the same for all variants. */
#ifndef TANDEM_CORE_WORKLOAD_H
#define TANDEM_CORE_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct request;

enum { PARAMS_MAX = 2, CHOICES_MAX = 8 };

/* A query parameter: a whole number from min to max, or one of the choices. */
struct param {
    const char *name; /* NULL ends the list */
    int64_t min, max;
    int64_t fallback; /* the value if the query has none: a number, or the index of a choice */
    const char *choices[CHOICES_MAX + 1];
};

/* The Python side of a workload. */
enum python_variant {
    PYTHON_MODULE, /* both variants, in pysrc/tandem/workloads/NAME.py */
    PYTHON_WSGI,   /* the user's app, WSGI (python/app/app.h) */
    PYTHON_ASGI,   /* the user's app, ASGI */
    PYTHON_NOT,
};

struct workload {
    const char *name; /* the URL segment, the key in /stats, and the Python module */
    enum python_variant python;
    bool is_mount;           /* the user's code: serves every path below its name, with any method, fields and body */
    bool streams_in;         /* mounts: gets the request before a long body is whole (request.body_reader) */
    bool takes_websockets;   /* mounts: answers requests with a channel (stream/ws_channel.h) */
    bool takes_body;         /* takes POST with any body; else GET and HEAD */
    unsigned files_per_loop; /* the most file descriptors that it has open at once on each loop */
    struct param params[PARAMS_MAX + 1];

    /* MAIN thread, before the first request and after the last; NULL: there is nothing to do. */
    enum err (*setup)(void);
    void (*teardown)(void);

    /* The blocking variant. WORKER. Borrows the request, and writes its reply before it returns (request_fail for an
     * error). NULL: there is no such variant. */
    void (*run)(struct request *request);

    /* The evented variant. LOOP. Takes the request, never waits, and makes sure that request_done follows, perhaps
     * before this returns. NULL: there is no such variant. */
    void (*start)(struct request *request);

    /* LOOP. The answer to a started request is no longer wanted: the client left, or the timeout expired. request_done
     * follows soon, perhaps before this returns. NULL: request_done always follows soon anyway. */
    void (*cancel)(struct request *request);
};

/* The workloads that the server offers. A workload's index in the list is also its index in struct loop_stats. */
struct workloads {
    const struct workload *const *list;
    unsigned count;
};

/* Returns why a model that calls C cannot run the workload, for a client to read; a static string. NULL: it can.
 * evented: the model calls start, else run. */
const char *workload_c_refusal(const struct workload *workload, bool evented);

/* MAIN thread. Runs every setup. On error, tears down those already set up. */
WARN_UNUSED enum err workloads_setup(const struct workloads *workloads);
void workloads_teardown(const struct workloads *workloads);

#endif
