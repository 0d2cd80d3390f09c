/* The document of docs/stats.md: a snapshot as JSON. Written in C, without the GIL, so it is there while Python holds
 * it. */
#ifndef TANDEM_STATS_DOCUMENT_H
#define TANDEM_STATS_DOCUMENT_H

#include <jansson.h>

#include "stats/snapshot.h"
#include "stats/source.h"

/* ANY thread. As of now, and since the server began. NULL where memory ran out. Returns owned. */
json_t *stats_document(const struct stats_source *source);

/* ANY thread. The same for the time since an earlier snapshot, that of the mark of this name. */
json_t *stats_document_since(const struct stats_source *source, const char *name, const struct snapshot *earlier);

/* ANY thread. Takes a document, which may be NULL; its text in one line, to be freed, or NULL where memory ran out. */
char *stats_document_text(json_t *document);

#endif
