/* A reply's header fields as text. */
#ifndef TANDEM_TESTS_REPLY_FIELDS_H
#define TANDEM_TESTS_REPLY_FIELDS_H

#include "core/fields.h"

/* Returns the value of the first field of that name, ignoring case; NULL if there is none. Valid until the next call.
 */
const char *reply_fields_value(const struct fields *fields, const char *name);

/* Returns "name=value;" for each field. Valid until the next call. */
const char *reply_fields_text(const struct fields *fields);

#endif
