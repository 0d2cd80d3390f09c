#include "base/ascii.h"

bool ascii_equals(const char *bytes, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++)
        if (!word[i] || ascii_lower(bytes[i]) != ascii_lower(word[i]))
            return false;
    return !word[length];
}
