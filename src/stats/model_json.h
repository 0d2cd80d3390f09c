/* One model, with its workloads: an entry under "models" in the document. */
#ifndef TANDEM_STATS_MODEL_JSON_H
#define TANDEM_STATS_MODEL_JSON_H

#include <jansson.h>

#include "stats/document.h"

/* ANY thread. NULL where memory ran out. Returns owned. */
json_t *model_json(const struct stats_source *source, const struct model *model);

#endif
