/* One model, with its workloads: an entry under "models" in the document. */
#ifndef TANDEM_STATS_MODEL_JSON_H
#define TANDEM_STATS_MODEL_JSON_H

#include <jansson.h>

#include "core/model.h"
#include "stats/snapshot.h"

/* ANY thread. window: what its bound_by is concluded from. NULL where memory ran out. Returns owned. */
json_t *model_json(const struct snapshot *snapshot, const struct sums *window, const struct model *model);

#endif
