#include "http/query.h"

#include <string.h>

#include "http/hex.h"

bool query_decode(const char *text, size_t length, bool plus_is_space, char *out, size_t out_bytes)
{
    size_t put = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = length - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = length - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (put + 1 >= out_bytes)
            return false;
        out[put++] = c;
    }
    if (put >= out_bytes)
        return false;
    out[put] = '\0';
    return true;
}

enum query_status query_find(const char *query, const char *name, char *out, size_t out_bytes)
{
    bool found = false;
    for (const char *pair = query; *pair;) {
        size_t length = strcspn(pair, "&");
        size_t name_length = strcspn(pair, "=&");
        char decoded[64];
        if (query_decode(pair, name_length, true, decoded, sizeof decoded) && strcmp(decoded, name) == 0) {
            if (found)
                return QUERY_TWICE;
            found = true;
            bool has_value = pair[name_length] == '=';
            const char *value = pair + name_length + has_value;
            if (!query_decode(value, (size_t)(pair + length - value), true, out, out_bytes))
                return QUERY_BROKEN;
        }
        pair += length + (pair[length] == '&');
    }
    return found ? QUERY_FOUND : QUERY_ABSENT;
}
