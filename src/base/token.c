#include "base/token.h"

bool token_byte(char c)
{
    static const bool table[256] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
        ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['0' ... '9'] = 1, ['A' ... 'Z'] = 1,
        ['^'] = 1, ['_'] = 1, ['`'] = 1, ['a' ... 'z'] = 1, ['|'] = 1,         ['~'] = 1,
    };
    return table[(unsigned char)c];
}

size_t token_length(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length && token_byte(bytes[i]))
        i++;
    return i;
}
