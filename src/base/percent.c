#include "base/percent.h"

#include "base/hex.h"

bool percent_decode(const char *text, size_t length, bool plus_is_space, char *out, size_t out_bytes)
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
