/* The parameters in the query of a request target: name=value&name=value, percent-encoded, with + for a space. */
#ifndef TANDEM_HTTP_ROUTING_QUERY_H
#define TANDEM_HTTP_ROUTING_QUERY_H

#include <stdbool.h>
#include <stddef.h>

enum query_status { QUERY_ABSENT, QUERY_FOUND, QUERY_TWICE, QUERY_BROKEN };

/* ANY thread. Decodes the value of name into out, as a string. query: the part of the target after the ?, or "".
 * QUERY_TWICE: the name occurs more than once. QUERY_BROKEN: the value cannot be decoded, or does not fit into out. */
enum query_status query_find(const char *query, const char *name, char *out, size_t out_bytes);

#endif
