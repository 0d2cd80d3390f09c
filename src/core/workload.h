/* A workload: the work asked for, in two C forms; its two Python forms are pysrc/tandem/workloads/NAME.py.
 *
 * Its parameters are declared here once, checked once by the router, and handed to all four forms alike. */
#ifndef TANDEM_CORE_WORKLOAD_H
#define TANDEM_CORE_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct request;

enum { PARAMS_MAX = 2, CHOICES_MAX = 8 };

/* A query parameter: a whole number from min to max, or one of choices. */
struct param {
    const char *name; /* NULL ends the list */
    int64_t min, max;
    int64_t fallback; /* the number where the query has none; for choices, the index of one */
    const char *choices[CHOICES_MAX + 1];
};

/* What of it is Python. */
enum python_form {
    PYTHON_TWINS, /* pysrc/tandem/workloads/NAME.py */
    PYTHON_WSGI,  /* the user's app (python/app.h) */
    PYTHON_ASGI,
    PYTHON_NOT,
};

struct workload {
    const char *name; /* the URL segment, the key in /stats, the name of the Python module */
    enum python_form python;
    bool is_mount;   /* the user's own: serves every path below its name, with any method, fields and body */
    bool streams_in; /* of a mount: has its request before a long body is whole, and the rest as it comes (inflow) */
    bool takes_websockets; /* of a mount: it answers a request that has a channel (core/channel.h) */
    bool takes_body;       /* POST any body; else GET and HEAD */
    struct param params[PARAMS_MAX + 1];

    /* MAIN thread, before the first request; NULL where there is nothing to make ready. */
    enum err (*setup)(void);
    void (*teardown)(void);

    /* The blocking form. WORKER. Borrows the request, returns with its reply written (request_fail for an error). */
    void (*run)(struct request *request);

    /* The evented form. LOOP. Takes the request, never waits, and sees to it that request_done follows, perhaps before
     * it returns. NULL: the form does not exist. */
    void (*start)(struct request *request);

    /* LOOP. The answer to a started request is not wanted any more (its client left, its time is over): request_done
     * follows soon, perhaps before this returns. NULL: it always follows soon anyway. */
    void (*cancel)(struct request *request);
};

/* Of what the server offers, workload NAME's place in the list is its index in struct loop_stats. */
struct workloads {
    const struct workload *const *list;
    unsigned count;
};

/* Runs every setup; on error those already made ready are torn down again. */
WARN_UNUSED enum err workloads_setup(const struct workloads *workloads);
void workloads_teardown(const struct workloads *workloads);

#endif
