/* What the server offers: its models, its workloads, its own pages. Made before the fronts, const while they run. */
#ifndef TANDEM_CORE_SITE_H
#define TANDEM_CORE_SITE_H

#include <stdbool.h>

#include "core/config.h"
#include "core/model.h"
#include "core/workload.h"

enum { PAGES_MAX = 12, PAGE_PARAMS_MAX = 2 };

/* What a page is asked for. Valid during render. */
struct page_call {
    const char *name;                    /* the last segment of the path, where the page takes a name; decoded */
    const char *params[PAGE_PARAMS_MAX]; /* the page's query parameters, decoded; NULL where the query has none */
};

/* A page of tandem's own, answered on the loop: /stats. */
struct page {
    const char *path;
    const char *summary;

    /* The LOOP that the request came to: there may be several. Writes the reply. Never waits, never takes the GIL. */
    void (*render)(void *context, const struct page_call *call, struct reply *reply);
    void *context;

    bool takes_name;                     /* the last segment of path stands for any */
    bool takes_post;                     /* POST; else GET and HEAD */
    const char *params[PAGE_PARAMS_MAX]; /* names; each is given once or not at all */
};

struct site {
    const struct config *config;
    struct models *models;
    const struct workloads *workloads;
    const struct workload *root; /* the mount that serves / as well, where one model runs; NULL: none */
    struct page pages[PAGES_MAX];
    unsigned page_count;
};

#endif
