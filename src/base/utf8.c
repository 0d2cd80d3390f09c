#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Returns the length of the UTF-8 character at text, 0 if it is invalid (RFC 3629, 4). Never reads past a NUL. */
static size_t character_length(const unsigned char *text)
{
    if (text[0] < 0x80)
        return 1;
    size_t length = text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;
    unsigned char low = text[0] == 0xe0 ? 0xa0 : text[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = text[0] == 0xed ? 0x9f : text[0] == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
        if (text[i] < low || text[i] > high)
            return 0;
    return length;
}

static bool is_ascii(const char eight[8])
{
    uint64_t bytes;
    memcpy(&bytes, eight, sizeof bytes);
    return (bytes & 0x8080808080808080) == 0;
}

bool utf8_is_valid(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        if (length - at >= 8 && is_ascii(text + at)) {
            at += 8;
            continue;
        }
        size_t run = character_length((const unsigned char *)text + at);
        if (run == 0)
            return false;
        at += run;
    }
    return true;
}

void utf8_repair(char *text)
{
    while (*text) {
        size_t length = character_length((const unsigned char *)text);
        if (length == 0)
            *text = '?';
        text += length ? length : 1;
    }
}
