/* The document of docs/stats.md: a snapshot as JSON. It is made in C without the GIL, so it is available while Python
 * holds the GIL. */
#ifndef TANDEM_STATS_DOCUMENT_H
#define TANDEM_STATS_DOCUMENT_H

#include <jansson.h>

#include "stats/snapshot.h"
#include "stats/source.h"

/* ANY thread. Returns the document as of now, for the time since the server began. Returns owned; NULL: out of
 * memory. */
json_t *stats_document(const struct stats_source *source);

/* ANY thread. Does the same for the time since earlier, the snapshot of the mark called name. */
json_t *stats_document_since(const struct stats_source *source, const char *name, const struct snapshot *earlier);

/* ANY thread. Takes the document, which may be NULL. Returns its text on one line, owned; NULL: out of memory. */
char *stats_document_text(json_t *document);

#endif
