/* The header fields of a reply, in order, as lines that are ready to be sent. Zeroed memory is an empty list. One
 * thread at a time. */
#ifndef TANDEM_CORE_FIELDS_H
#define TANDEM_CORE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* A header field of a request or a reply. The memory is that of the whole head: neither string ends with a NUL. */
struct field {
    const char *name;
    const char *value;
    size_t name_bytes;
    size_t value_bytes;
};

struct fields {
    struct buf lines; /* "Name: value\r\n" of each field */
    bool has_server;  /* one of them is Server … */
    bool has_date;    /* … or Date: it stands in place of the server's own */
};

/* Appends a copy. A tab in the value becomes a space: both mean the same (RFC 9110, 5.5), and every client takes the
 * space. ERR_INVALID: the name is not a token, or the value has a control byte. ERR_NOMEM. */
WARN_UNUSED enum err fields_add(struct fields *fields, const char *name, size_t name_bytes, const char *value,
                                size_t value_bytes);

/* Sets *out to the next field and advances *at, which starts at 0. False: there are no more fields. The strings are
 * valid until the next change. */
bool fields_next(const struct fields *fields, size_t *at, struct field *out);

/* True if only the server may set a field of that name, not a handler (RFC 9110, 7.6.1; PEP 3333, "Other HTTP
 * Features"). */
bool fields_is_hop_by_hop(const char *name, size_t length);

void fields_free(struct fields *fields);

#endif
