#include "http/routing/query.h"

#include <string.h>

#include "base/percent.h"

enum query_status query_find(const char *query, const char *name, char *out, size_t out_bytes)
{
    bool found = false;
    for (const char *pair = query; *pair;) {
        size_t length = strcspn(pair, "&");
        size_t name_length = strcspn(pair, "=&");
        char decoded[64];
        if (percent_decode(pair, name_length, true, decoded, sizeof decoded) && strcmp(decoded, name) == 0) {
            if (found)
                return QUERY_TWICE;
            found = true;
            bool has_value = pair[name_length] == '=';
            const char *value = pair + name_length + has_value;
            if (!percent_decode(value, (size_t)(pair + length - value), true, out, out_bytes))
                return QUERY_BROKEN;
        }
        pair += length + (pair[length] == '&');
    }
    return found ? QUERY_FOUND : QUERY_ABSENT;
}
