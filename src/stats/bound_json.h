/* What a model is bound by, in the document: {"verdict","because","figures":{…}}. */
#ifndef TANDEM_STATS_BOUND_JSON_H
#define TANDEM_STATS_BOUND_JSON_H

#include <jansson.h>

#include "stats/bound.h"

/* ANY thread. NULL where memory ran out. Returns owned. */
json_t *bound_json(const struct sums *window, const struct model *model);

#endif
