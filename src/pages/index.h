/* /: lists what is served here, as JSON. */
#ifndef TANDEM_PAGES_INDEX_H
#define TANDEM_PAGES_INDEX_H

#include "core/routes.h"

/* A page (core/routes.h); context: the struct routes. */
void index_render(void *context, const struct page_call *call, struct reply *reply);

#endif
