/* The header fields of a reply, in order. Zeroed memory is none. One thread at a time. */
#ifndef TANDEM_CORE_FIELDS_H
#define TANDEM_CORE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct fields {
    struct buf strings; /* name, value, name, value, … */
};

/* Appends a copy; a tab in the value becomes a space, which is as good (RFC 9110, 5.5) and which libmicrohttpd takes.
 * ERR_INVALID: the name is no token, or the value has a control byte. ERR_NOMEM. */
WARN_UNUSED enum err fields_add(struct fields *fields, const char *name, size_t name_bytes, const char *value,
                                size_t value_bytes);

/* The next one behind *at, which is 0 at first. False: there is none. Valid until the next change. */
bool fields_next(const struct fields *fields, size_t *at, const char **name, const char **value);

/* The value of the first of that name, whatever its case; NULL where there is none. */
const char *fields_find(const struct fields *fields, const char *name);

/* Whether a field of that name is the server's to say, not its handlers' (RFC 9110, 7.6.1; PEP 3333, "Other HTTP
 * Features"). */
bool fields_is_hop_by_hop(const char *name, size_t length);

void fields_free(struct fields *fields);

#endif
