#include "core/fields.h"

#include <string.h>

#include "base/ascii.h"
#include "base/token.h"

enum err fields_add(struct fields *fields, const char *name, size_t name_bytes, const char *value, size_t value_bytes)
{
    if (name_bytes == 0 || token_length(name, name_bytes) < name_bytes || !field_value_is_valid(value, value_bytes))
        return ERR_INVALID;
    struct buf *lines = &fields->lines;
    size_t line_bytes = name_bytes + value_bytes + sizeof ": \r\n" - 1;
    enum err err = buf_reserve(lines, line_bytes);
    if (err)
        return err;
    char *out = lines->bytes + lines->length;
    memcpy(out, name, name_bytes);
    out += name_bytes;
    *out++ = ':';
    *out++ = ' ';
    for (size_t i = 0; i < value_bytes; i++)
        out[i] = (char)(value[i] == '\t' ? ' ' : value[i]);
    memcpy(out + value_bytes, "\r\n", 2);
    lines->length += line_bytes;
    fields->has_server = fields->has_server || ascii_equals(name, name_bytes, "server");
    fields->has_date = fields->has_date || ascii_equals(name, name_bytes, "date");
    return ERR_OK;
}

bool fields_next(const struct fields *fields, size_t *at, struct field *out)
{
    const struct buf *lines = &fields->lines;
    if (*at == lines->length)
        return false;
    const char *line = lines->bytes + *at, *end = memchr(line, '\r', lines->length - *at);
    const char *colon = memchr(line, ':', (size_t)(end - line)), *value = colon + sizeof ": " - 1;
    *out = (struct field){line, value, (size_t)(colon - line), (size_t)(end - value)};
    *at = (size_t)(end + sizeof "\r\n" - 1 - lines->bytes);
    return true;
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
    buf_free(&fields->lines);
    *fields = (struct fields){0};
}
