/* A model with its workloads: an entry under "models" in the document. */
#ifndef TANDEM_STATS_MODEL_JSON_H
#define TANDEM_STATS_MODEL_JSON_H

#include <jansson.h>

#include "core/model.h"
#include "stats/snapshot.h"

/* ANY thread. Returns owned; NULL: out of memory. window: what "bound_by" is concluded from. */
json_t *model_json(const struct snapshot *snapshot, const struct totals *window, const struct model *model);

#endif
