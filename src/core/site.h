/* What the server offers: its models, its workloads, its own pages. Made before the fronts, const while they run. */
#ifndef TANDEM_CORE_SITE_H
#define TANDEM_CORE_SITE_H

#include <stdbool.h>

#include "core/config.h"
#include "core/model.h"
#include "core/workload.h"

/* A page of tandem's own, answered on the loop: /stats. */
struct page {
    const char *path;
    const char *summary;

    /* LOOP. Writes the reply. Never waits, never takes the GIL. */
    void (*render)(void *context, struct reply *reply);
    void *context;
};

enum { PAGES_MAX = 8 };

struct site {
    const struct config *config;
    struct models *models;
    const struct workloads *workloads;
    struct page pages[PAGES_MAX];
    unsigned page_count;
};

#endif
