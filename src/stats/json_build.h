/* Builds objects and arrays piece by piece. If memory runs out for any piece, the whole becomes NULL. */
#ifndef TANDEM_STATS_JSON_BUILD_H
#define TANDEM_STATS_JSON_BUILD_H

#include <jansson.h>

/* Takes value, and puts it under key. If that fails, or if value or *object is NULL, frees *object and makes it
 * NULL. */
void json_add(json_t **object, const char *key, json_t *value);

/* Does the same at the end of an array. */
void json_append(json_t **array, json_t *value);

#endif
