#include "core/reply_fields.h"

#include <stdio.h>

#include "assertions.h"
#include "base/ascii.h"

const char *reply_fields_value(const struct fields *fields, const char *name)
{
    static char value[1024];
    struct field field;
    for (size_t at = 0; fields_next(fields, &at, &field);) {
        if (!ascii_equals(field.name, field.name_bytes, name))
            continue;
        ck_assert_uint_lt(field.value_bytes, sizeof value);
        memcpy(value, field.value, field.value_bytes);
        value[field.value_bytes] = '\0';
        return value;
    }
    return NULL;
}

const char *reply_fields_text(const struct fields *fields)
{
    static char text[1024];
    char *out = text;
    struct field field;
    *text = '\0';
    for (size_t at = 0; fields_next(fields, &at, &field);) {
        ck_assert_uint_lt(field.name_bytes + field.value_bytes + 2, (size_t)(text + sizeof text - out));
        out += sprintf(out, "%.*s=%.*s;", (int)field.name_bytes, field.name, (int)field.value_bytes, field.value);
    }
    return text;
}
