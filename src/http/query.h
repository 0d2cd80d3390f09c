/* Parameters out of the query part of a request target: name=value&name=value, percent-encoded, + for a space. */
#ifndef TANDEM_HTTP_QUERY_H
#define TANDEM_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes text[0, length) into out, with a NUL behind it. False: a broken escape, a NUL byte, or no room. */
bool query_decode(const char *text, size_t length, bool plus_is_space, char *out, size_t out_bytes);

enum query_status { QUERY_ABSENT, QUERY_FOUND, QUERY_TWICE, QUERY_BROKEN };

/* The value of name in query (what follows the ?; "" where nothing does), decoded into out. */
enum query_status query_find(const char *query, const char *name, char *out, size_t out_bytes);

#endif
