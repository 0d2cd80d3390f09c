/* Parameters out of the query part of a request target: name=value&name=value, percent-encoded, + for a space. */
#ifndef TANDEM_HTTP_QUERY_H
#define TANDEM_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

enum query_status { QUERY_ABSENT, QUERY_FOUND, QUERY_TWICE, QUERY_BROKEN };

/* The value of name in query (what follows the ?; "" where nothing does), decoded into out. */
enum query_status query_find(const char *query, const char *name, char *out, size_t out_bytes);

#endif
