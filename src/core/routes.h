/* The routes: the server's models, workloads and pages. Made before the io_threads, const while they run. */
#ifndef TANDEM_CORE_ROUTES_H
#define TANDEM_CORE_ROUTES_H

#include <stdbool.h>

#include "config/config.h"
#include "core/model.h"
#include "core/workload.h"

enum { PAGES_MAX = 12, PAGE_PARAMS_MAX = 2, MOUNTS_MAX = 2 };

/* The arguments of a page. Valid during render. */
struct page_call {
    const char *name;                    /* the rest of the path, decoded, if the page takes a name; else "" */
    const char *params[PAGE_PARAMS_MAX]; /* the values of page.params, decoded; NULL: the query lacks it */
};

/* A page of tandem's own, such as /stats, answered on the loop. */
struct page {
    const char *path;
    const char *summary;

    /* LOOP, the one that the request came to: several may call it at once. Writes the reply. Never waits, never takes
     * the GIL. */
    void (*render)(void *context, const struct page_call *call, struct reply *reply);
    void *context;

    bool takes_name;                     /* the last segment of path is a placeholder for a name */
    bool takes_post;                     /* takes POST; else GET and HEAD */
    const char *params[PAGE_PARAMS_MAX]; /* names of query parameters, each given at most once */
};

/* A mount that the user did not give. */
struct absent_mount {
    const char *name;
    const char *how; /* the user can give it */
};

struct routes {
    const struct config *config;
    struct models *models;
    const struct workloads *workloads;
    const char *pages_prefix;    /* before the path of each page; "": none; NULL: there are no pages */
    const struct workload *root; /* the mount that also serves /, if only one model runs; NULL: none */
    struct absent_mount absent_mounts[MOUNTS_MAX + 1]; /* one without a name ends them */
    struct page pages[PAGES_MAX];                      /* one without a path ends them */
};

#endif
