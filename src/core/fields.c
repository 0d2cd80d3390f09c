#include "core/fields.h"

#include <string.h>

#include "base/ascii.h"
#include "base/token.h"

static bool is_value(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

enum err fields_add(struct fields *fields, const char *name, size_t name_bytes, const char *value, size_t value_bytes)
{
    if (name_bytes == 0 || token_length(name, name_bytes) < name_bytes || !is_value(value, value_bytes))
        return ERR_INVALID;
    struct buf *strings = &fields->strings;
    enum err err = buf_reserve(strings, name_bytes + value_bytes + 2);
    if (err)
        return err;
    char *out = strings->bytes + strings->length;
    memcpy(out, name, name_bytes);
    out[name_bytes] = '\0';
    out += name_bytes + 1;
    for (size_t i = 0; i < value_bytes; i++)
        if ((out[i] = value[i]) == '\t')
            out[i] = ' ';
    out[value_bytes] = '\0';
    strings->length += name_bytes + value_bytes + 2;
    return ERR_OK;
}

bool fields_next(const struct fields *fields, size_t *at, const char **name, const char **value)
{
    if (*at == fields->strings.length)
        return false;
    *name = fields->strings.bytes + *at;
    *value = *name + strlen(*name) + 1;
    *at = (size_t)(*value + strlen(*value) + 1 - fields->strings.bytes);
    return true;
}

const char *fields_find(const struct fields *fields, const char *name)
{
    const char *found, *value;
    for (size_t at = 0; fields_next(fields, &at, &found, &value);)
        if (ascii_equals(found, strlen(found), name))
            return value;
    return NULL;
}

bool fields_is_hop_by_hop(const char *name, size_t length)
{
    static const char *const names[] = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
                                        "te",         "trailer",    "transfer-encoding",  "upgrade"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ascii_equals(name, length, names[i]))
            return true;
    return false;
}

void fields_free(struct fields *fields)
{
    buf_free(&fields->strings);
}
