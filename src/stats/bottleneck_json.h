/* A model's bottleneck in the document: {"verdict","because","figures":{…}}. */
#ifndef TANDEM_STATS_BOTTLENECK_JSON_H
#define TANDEM_STATS_BOTTLENECK_JSON_H

#include <jansson.h>

#include "stats/bottleneck.h"

/* ANY thread. Returns owned; NULL: out of memory. window: as for bottleneck_figures. */
json_t *bottleneck_json(const struct totals *window, const struct model *model);

#endif
