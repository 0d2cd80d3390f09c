/* Objects and arrays put together piece by piece, where any piece may have found no memory: the whole is NULL then. */
#ifndef TANDEM_STATS_JSON_BUILD_H
#define TANDEM_STATS_JSON_BUILD_H

#include <jansson.h>

/* Takes value and puts it under key. Where that fails, or value or *object is NULL, *object is freed and NULL. */
void json_add(json_t **object, const char *key, json_t *value);

/* The same, at the array's end. */
void json_append(json_t **array, json_t *value);

#endif
