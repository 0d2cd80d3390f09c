/* What the operating system says of this process: "process" in the document. */
#ifndef TANDEM_STATS_PROCESS_H
#define TANDEM_STATS_PROCESS_H

#include <jansson.h>

/* ANY thread. NULL where memory ran out. Returns owned. */
json_t *process_json(void);

#endif
